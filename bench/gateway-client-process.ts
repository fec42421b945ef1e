/** A driver in a process of its own: writes, reads or deletes so many keys in one tick, and tells what it took. */
import { createKV, type KVOptions } from "@kvplug/core";
import { answerQuestions } from "./helper.ts";
import { measure, type Measured } from "./measure.ts";

/** How a driver is opened, and how its keys begin. */
export interface GatewayClientSetup {
  readonly options: KVOptions;
  readonly prefix: string;
}

export interface GatewayClientQuestion {
  readonly work: "put" | "get" | "delete";
  readonly keys: number;
}

export interface GatewayClientAnswer extends Measured {
  readonly requests: number;
  /** Answers with 429. */
  readonly refused: number;
  /** Keys that are not as they should be. */
  readonly lost: number;
}

const VALUE = "v".repeat(100);

await answerQuestions(async ({ options, prefix }: GatewayClientSetup) => {
  // Miniflare's storage takes its time.
  const kv = createKV({ ...options, timeout: 600_000, deadline: 600_000 });
  // The connection stands, and the limits of a gateway are known.
  await kv.get("warm up");
  return async ({ work, keys }: GatewayClientQuestion): Promise<GatewayClientAnswer> => {
    const names = Array.from({ length: keys }, (_, i) => `${prefix}:${i}`);
    const before = kv.stats();
    let lost = 0;
    const measured = await measure(async () => {
      const calls =
        work === "put"
          ? names.map((name) => kv.put(name, VALUE))
          : work === "delete"
            ? names.map((name) => kv.delete(name))
            : names.map((name) => kv.get(name));
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === "rejected" || (work === "get" && outcome.value !== VALUE)) lost++;
      }
    });
    const { requests, rateLimited } = kv.stats();
    return { ...measured, requests: requests - before.requests, refused: rateLimited - before.rateLimited, lost };
  };
});
