/** A client in a process of its own: reads keys at once, or one after the other in some loops, and tells what came of it. */
import { createKV } from "@kvplug/core";
import Cloudflare from "cloudflare";
import type { Address } from "./clients.ts";
import { answerQuestions } from "./helper.ts";
import { measure, type Measured } from "./measure.ts";
import { keyOf, VALUE } from "./works.ts";

export interface ProxyClientSetup {
  readonly name: "the official SDK" | "kvplug";
  readonly address: Address;
}

export interface ProxyClientQuestion {
  /** The first key, and how many follow each other from there on. */
  readonly from: number;
  readonly keys: number;
  /** How many are under way at once. Default: all. */
  readonly loops?: number;
}

export interface ProxyClientAnswer extends Measured {
  readonly answered: number;
}

const OPEN: Record<ProxyClientSetup["name"], (address: Address) => (key: string) => Promise<string | null>> = {
  "the official SDK": ({ baseURL, accountId, namespaceId }) => {
    const { values } = new Cloudflare({ baseURL, apiToken: "bench" }).kv.namespaces;
    const where = { account_id: accountId, namespace_id: namespaceId };
    return async (key) => (await values.get(key, where)).text();
  },
  kvplug: (address) => {
    const kv = createKV({ ...address, apiToken: "bench" });
    return (key) => kv.get(key);
  },
};

await answerQuestions(async ({ name, address }: ProxyClientSetup) => {
  const get = OPEN[name](address);
  // The connection stands, and the limits of a proxy are known.
  await get(keyOf(0));
  return async ({ from, keys, loops = keys }: ProxyClientQuestion): Promise<ProxyClientAnswer> => {
    let [next, answered] = [0, 0];
    const loop = async (): Promise<void> => {
      while (next < keys) {
        const value = await get(keyOf(from + next++)).catch(() => null);
        if (value?.length === VALUE.length) answered++;
      }
    };
    const measured = await measure(() => Promise.all(Array.from({ length: loops }, loop)));
    return { ...measured, answered };
  };
});
