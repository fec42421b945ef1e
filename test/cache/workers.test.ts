import { fileURLToPath } from "node:url";
import type { CacheStats } from "@kvplug/cache";
import { build } from "esbuild";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const WORKER = fileURLToPath(new URL("../support/cached-worker.ts", import.meta.url));
const CALLS = ["get", "bytes", "entry", "many", "twice", "wrap", "over", "put", "tagged", "wrapTagged", "invalidate"];
const KEYS = ["a", "b", "c", "d", "e"];

let script: string;
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [WORKER],
    bundle: true,
    format: "esm",
    target: "es2023",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:workers"],
    write: false,
  });
  script = outputFiles[0]!.text;
});

// Before 2024-10-14, what follows another request's promise ran in that request.
describe.each(["2024-10-13", "2026-01-01"])("since %s", (compatibilityDate) => {
  let miniflare: Miniflare;
  let origin: string;
  const log: string[] = [];
  beforeAll(async () => {
    miniflare = new Miniflare(
      convertV4MiniflareOptions({
        modules: true,
        script,
        compatibilityDate,
        kvNamespaces: ["KV"],
        handleStructuredLogs: ({ message }) => void log.push(message),
      }),
    );
    ({ origin } = await miniflare.ready);
    const kv = await miniflare.getKVNamespace("KV");
    for (const key of KEYS) await kv.put(key, `value of ${key}`);
  });
  afterAll(() => miniflare.dispose());

  test("a cache at the top level of a Worker serves all requests, though others end before their reads do", async () => {
    const outcomes: { call: string; key: string; value: unknown }[] = [];
    let early = 0;
    const ask = async (i: number): Promise<void> => {
      const call = CALLS[i % CALLS.length]!;
      const key = KEYS[Math.floor(i / CALLS.length) % KEYS.length]!;
      const isEarly = i % 3 === 0;
      const query = new URLSearchParams({ call, key, ...(isEarly && { early: "1" }) });
      const response = await fetch(`${origin}/?${query.toString()}`);
      if (isEarly) {
        await response.body?.cancel();
        early++;
        return;
      }
      const text = await response.text();
      outcomes.push({ call, key, ...(response.ok ? (JSON.parse(text) as { value: unknown }) : { value: text }) });
    };
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < 1000) await ask(next++);
    };
    await Promise.all(Array.from({ length: 25 }, client));

    expect(early).toBe(334);
    expect(outcomes.filter(({ key, value }) => value !== `value of ${key}`)).toEqual([]);
    expect(log).toEqual([]);
  });

  test("reads of one turn share a read of KV, there as well", async () => {
    const stats = async (): Promise<CacheStats> => (await fetch(`${origin}/?call=stats`)).json() as Promise<CacheStats>;
    const before = await stats();
    await fetch(`${origin}/?call=twice&key=nobody`);
    const { misses, coalesced, backendReads } = await stats();
    expect([misses, coalesced, backendReads]).toEqual([
      before.misses + 2,
      before.coalesced + 1,
      before.backendReads + 1,
    ]);
  });

  test("a value of wrap whose request has ended keeps no other from writing its key", async () => {
    await fetch(`${origin}/?call=abandon&key=abandoned`);
    const put = await fetch(`${origin}/?call=put&key=abandoned`);
    expect(await put.json()).toEqual({ value: "value of abandoned" });
    expect(log).toEqual([]);
  });
});
