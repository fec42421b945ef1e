import { createClient, createKV } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { expectRefusal, type Expected } from "../support/refusal.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { VirtualTime } from "../support/virtual-time.ts";

describe("bad options, titles and ids are refused before anything is sent", () => {
  const rest = useRest();
  const refused = (call: () => Promise<unknown>, expected: Expected): Promise<void> =>
    expectRefusal(rest.server, call, expected);

  describe("options of the other calls", () => {
    test.for([
      ["0", 0, 1],
      ["-1", -1, 1],
      ["1001", 1001, 1000],
    ] as const)("a limit of %s", async ([, actual, limit]) => {
      await refused(() => rest.kv.list({ limit: actual }), {
        code: "KV_LIMIT",
        says: ["limit", 1000, actual],
        limit,
        actual,
      });
    });

    test("a limit that is no whole number", async () => {
      await refused(() => rest.kv.list({ limit: 1.5 }), { code: "KV_INVALID", says: ["limit", 1.5] });
      await refused(() => rest.kv.list({ limit: Number.NaN }), { code: "KV_INVALID", says: ["limit", "NaN"] });
      await refused(() => rest.kv.list({ limit: "10" as unknown as number }), { code: "KV_INVALID", says: ["limit"] });
    });

    test("a prefix that cannot be", async () => {
      await refused(() => rest.kv.list({ prefix: "\ud800" }), { code: "KV_INVALID", says: ["prefix", "surrogate"] });
      await refused(() => rest.kv.list({ prefix: 1 as unknown as string }), { code: "KV_INVALID", says: ["prefix"] });
    });

    test("a type that does not exist", async () => {
      const type = "blob" as "text";
      await refused(() => rest.kv.get("a", type), { code: "KV_INVALID", says: ["type", '"blob"', "arrayBuffer"] });
      await refused(() => rest.kv.get(["a"], "stream" as "text"), { code: "KV_INVALID", says: ["stream"] });
    });

    const everyCall: readonly (readonly [string, (options: any) => Promise<unknown>])[] = [
      ["get", (options) => rest.kv.get("a", options)],
      ["get of many", (options) => rest.kv.get(["a"], options)],
      ["get of a stream", (options) => rest.kv.get("a", { type: "stream", ...options })],
      ["getWithMetadata", (options) => rest.kv.getWithMetadata("a", options)],
      ["getMetadata", (options) => rest.kv.getMetadata("a", options)],
      ["put", (options) => rest.kv.put("a", "1", options)],
      ["delete", (options) => rest.kv.delete("a", options)],
      ["list", (options) => rest.kv.list(options)],
      ["putMany", (options) => rest.kv.putMany([], options)],
      ["deleteMany", (options) => rest.kv.deleteMany([], options)],
      ["clear", (options) => rest.kv.clear(options)],
      ["keys", (options) => rest.kv.keys(options).next()],
      ["entries", (options) => rest.kv.entries(options).next()],
      ["namespaces.find", (options) => rest.client.namespaces.find("a", options)],
      ["namespaces.create", (options) => rest.client.namespaces.create("a", options)],
      ["namespaces.get", (options) => rest.client.namespaces.get("a", options)],
      ["namespaces.rename", (options) => rest.client.namespaces.rename("a", "b", options)],
      ["namespaces.delete", (options) => rest.client.namespaces.delete("a", options)],
      ["namespaces.page", (options) => rest.client.namespaces.page(1, options)],
    ];

    test.each(everyCall)("%s: options that do not exist", async (_, call) => {
      await refused(() => call({ timeout: 5 }), { code: "KV_INVALID", says: ['"timeout"', "signal"] });
    });

    test.each(everyCall)("%s: a signal that is not an AbortSignal", async (_, call) => {
      using time = new VirtualTime();
      for (const [signal, told] of [
        [null, "null"],
        [5, "5"],
        [{ aborted: false }, "object"],
        [new AbortController(), "AbortController"],
      ] as const) {
        const options: object = { signal, deadline: 1 };
        await refused(() => call(options), { code: "KV_INVALID", says: ["signal", "AbortSignal", told] });
      }
      // Nothing is left that would end at its deadline.
      await time.until(new Promise((resolve) => setTimeout(resolve, 20)));
    });

    test.each(everyCall)("%s: a signal of another library", async (_, call) => {
      const { signal } = new AbortController();
      const other = {
        aborted: true,
        reason: new Error("theirs"),
        throwIfAborted() {
          throw this.reason;
        },
        addEventListener: signal.addEventListener.bind(signal),
        removeEventListener: signal.removeEventListener.bind(signal),
      };
      await expect(call({ signal: other })).rejects.toBe(other.reason);
    });
  });

  describe("namespaces", () => {
    test("titles", async () => {
      const { namespaces } = rest.client;
      await refused(() => namespaces.create(""), { code: "KV_INVALID", says: ["title"] });
      await refused(() => namespaces.rename("a", ""), { code: "KV_INVALID", says: ["title"] });
      const expected: Expected = { code: "KV_LIMIT", says: ["title", 512, 513], limit: 512, actual: 513 };
      await refused(() => namespaces.create("x".repeat(513)), expected);
      await refused(() => namespaces.rename("a", "x".repeat(513)), expected);
    });

    test.for(["", ".", ".."])("the id %j, which would address another thing", async (id) => {
      const { namespaces } = rest.client;
      const expected: Expected = { code: "KV_INVALID", says: ["id", JSON.stringify(id)] };
      await refused(() => namespaces.get(id), expected);
      await refused(() => namespaces.rename(id, "title"), expected);
      await refused(() => namespaces.delete(id), expected);
      expect(() => rest.client.kv(id)).toThrow(expect.objectContaining({ code: "KV_INVALID" }));
      expect(() => createKV({ ...accountOf(rest.server), namespaceId: id })).toThrow(
        expect.objectContaining({ code: "KV_INVALID" }),
      );
    });

    test("pages", async () => {
      const { namespaces } = rest.client;
      await refused(() => namespaces.page(0), { code: "KV_LIMIT", says: [1, 0], limit: 1, actual: 0 });
      const perPage: Expected = { code: "KV_LIMIT", says: ["perPage", 1000, 1001], limit: 1000, actual: 1001 };
      await refused(() => namespaces.page(1, { perPage: 1001 }), perPage);
      await refused(() => namespaces.list({ perPage: 0 }).next(), { code: "KV_LIMIT", says: ["perPage", 0] });
    });
  });

  describe("options of a client", () => {
    const WRONG: [options: object, says: string[]][] = [
      [{ apitoken: "x" }, ['"apitoken"', "Did you mean apiToken?"]],
      [{ tiemout: 5 }, ['"tiemout"', "Did you mean timeout?"]],
      [{ timeout: 0 }, ["timeout", "0"]],
      [{ timeout: Number.NaN }, ["timeout", "NaN"]],
      [{ deadline: -1 }, ["deadline", "-1"]],
      [{ retry: { attempts: 0 } }, ["retry.attempts", "0"]],
      [{ retry: { attempts: 1.5 } }, ["retry.attempts", "1.5"]],
      [{ retry: { tries: 3 } }, ['"tries"', "attempts"]],
      [{ connections: 0 }, ["connections", "0"]],
      [{ fetch, dispatcher: {} }, ["fetch", "dispatcher"]],
      [{ fetch: 5 }, ["fetch", "function", "5"]],
      [{ fetch: null }, ["fetch", "null"]],
      [{ dispatcher: {} }, ["dispatcher", "undici"]],
      [{ allowH2: "yes" }, ["allowH2", "a string"]],
    ];
    test.for(WRONG)("%j", ([options, says]) => {
      for (const create of [createClient, createKV]) {
        let error: unknown;
        try {
          create(options);
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toMatchObject({ code: "KV_INVALID" });
        for (const part of says) expect((error as Error).message).toContain(part);
      }
    });

    test("a namespace belongs to createKV alone", () => {
      expect(() => createClient({ namespaceId: "x" } as object)).toThrow(/namespaceId/);
    });
  });
});
