/** A proxy in a process of its own, or in its place what passes each request on as it is. */
import { serve } from "@hono/node-server";
import { createProxy } from "@kvplug/proxy";
import { Hono } from "hono";
import type { AddressInfo } from "node:net";
import { Agent, request } from "undici";
import type { Address } from "./clients.ts";
import { answerQuestions } from "./helper.ts";

export interface ProxySetup {
  readonly name: "the proxy" | "a bare pass-through";
  readonly upstream: Address;
  readonly rateLimit?: { readonly requests: number; readonly window: number };
  /** How many copies it keeps. Default: none. */
  readonly cache?: number;
}

/** Where it is, or the CPU that the process has taken so far, in milliseconds. */
export type ProxyQuestion = "url" | "cpu";

await answerQuestions(async ({ name, upstream, rateLimit, cache }: ProxySetup) => {
  const url = name === "the proxy" ? await startProxy(upstream, rateLimit, cache) : await startBare(upstream);
  return (question: ProxyQuestion) => {
    if (question === "url") return url;
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
});

async function startProxy(
  { baseURL, accountId }: Address,
  rateLimit: ProxySetup["rateLimit"],
  max: ProxySetup["cache"],
): Promise<string> {
  const upstream = { baseURL, accountId, apiToken: "bench", ...(rateLimit && { rateLimit }) };
  return (await createProxy({ upstream, ...(max !== undefined && { cache: { max } }) })).url;
}

const JSON_TYPE = { "content-type": "application/json" };

/** The least that hono and undici can do. */
async function startBare({ baseURL }: Address): Promise<string> {
  const { origin } = new URL(baseURL);
  const dispatcher = new Agent({ connections: 64 });
  const app = new Hono();
  app.all("*", async (c) => {
    const { method } = c.req as { method: "GET" | "POST" };
    const sent = method === "POST" ? { body: await c.req.text(), headers: JSON_TYPE } : {};
    const { statusCode, headers, body } = await request(origin + c.req.path, { dispatcher, method, ...sent });
    const type = String(headers["content-type"]);
    return c.body(await body.arrayBuffer(), statusCode as 200, { "content-type": type });
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`;
}
