import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountOf, useRest } from "../support/rest.ts";

describe("one client for all requests of a Worker", () => {
  const rest = useRest({ latency: 20 });
  let miniflare: Miniflare;
  beforeAll(async () => {
    const options = { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id, writeInterval: 0 };
    const { outputFiles } = await build({
      entryPoints: [`${import.meta.dirname}/worker.ts`],
      define: { OPTIONS: JSON.stringify(options) },
      bundle: true,
      format: "esm",
      target: "es2023",
      conditions: ["workerd", "worker", "browser"],
      write: false,
    });
    miniflare = new Miniflare(
      convertV4MiniflareOptions({ modules: true, script: outputFiles[0]!.text, compatibilityDate: "2026-01-01" }),
    );
    await miniflare.ready;
  });
  afterAll(() => miniflare.dispose());

  async function ask(path: string, signal?: AbortSignal): Promise<unknown> {
    const response = await miniflare.dispatchFetch(`http://worker${path}`, signal && { signal });
    if (response.status !== 200) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  }

  test("does what it does in Node", async () => {
    expect(await ask("/all")).toEqual({
      large: true,
      bytes: 2_000_000,
      metadata: 1,
      stream: "in pieces",
      failure: "the source failed",
      names: ["bytes", "large", "other", "stream"],
      title: "test",
      deleted: 4,
    });
  });

  test("1,000 requests that read, a third of which end early", async () => {
    await rest.server.kv("test").put("key", "1");
    let answered = 0;
    const read = async (_: unknown, i: number): Promise<void> => {
      if (i % 3 === 0) return void (await ask("/read/key", AbortSignal.timeout(1 + (i % 40))).catch(() => {}));
      const found = (await ask("/read/key")) as unknown[];
      expect(found.slice(0, 2)).toEqual(["1", "1"]);
      answered++;
    };
    for (let wave = 0; wave < 10; wave++) await Promise.all(Array.from({ length: 100 }, read));
    expect(answered).toBe(660);
  });

  test("200 requests that write, each of which reads what it wrote", async () => {
    const found = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(`/write/key${i % 50}`)));
    expect(found).toEqual(Array.from({ length: 200 }, (_, i) => `of key${i % 50}`));
    expect((await rest.server.kv("test").list()).keys).toHaveLength(50);
  });
});
