import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi, type Mock } from "vitest";
import { eventually } from "../support/eventually.ts";
import { accountOf, TOKEN, useRest } from "../support/rest.ts";
import { silentKV } from "../support/silent-kv.ts";
import { SilentServer } from "../support/silent-server.ts";
import { StoppableServer } from "../support/stoppable-server.ts";
import { data, openInstance, page } from "./instances.ts";

const PAGE = { kind: "APP_PAGE" };
const hour = { cacheControl: { revalidate: 3600, expire: 86_400 } };

let lines: Mock;
beforeEach(() => {
  lines = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => lines.mockRestore());

describe("KV that is silent", () => {
  test("is waited for no longer by what is stored, even if the namespace knows no deadline", async () => {
    const { responses } = openInstance({ kv: silentKV(), deadline: 20 });
    const stored = responses.set("/", page("hello", "a"), hour).then(() => "stored");
    // A cache waits for 5,000. Timers of a process end in their order, however slow it is.
    expect(await Promise.race([stored, setTimeout(4_000, "late", { ref: false })])).toBe("stored");
  });

  test("is waited for once, for the deadline; then nothing is asked", async () => {
    await using silent = await SilentServer.start();
    const { responses, results } = openInstance({ kv: silent.account, deadline: 20 });
    expect(await responses.get("/", PAGE)).toBeNull();
    expect(await results.get("key", ["a"])).toBeUndefined();
    const asked = silent.requests;
    for (let i = 0; i < 10; i++) {
      expect(await responses.get(`/${i}`, PAGE)).toBeNull();
      expect(await responses.get(`key-${i}`, { kind: "FETCH", tags: ["a"] })).toBeNull();
      expect(await results.get(`key-${i}`, ["b"])).toBeUndefined();
    }
    expect(silent.requests).toBe(asked);
  });
});

describe("KV that refuses", () => {
  const rest = useRest();

  test("costs a request, and a line; what is made is kept in the process", async () => {
    const account = { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id };
    const { responses } = openInstance({ kv: { ...account, apiToken: "revoked" } });
    expect(await responses.get("/", PAGE)).toBeNull();
    await responses.set("/", page("hello", "a"), hour);
    expect((await responses.get("/", PAGE))!.value).toMatchObject({ html: "hello" });
    expect(await responses.get("key", { kind: "FETCH", tags: ["a"] })).toBeNull();
    await responses.set("key", data("hello"), { fetchCache: true, tags: ["a"] });
    expect(await responses.get("key", { kind: "FETCH", tags: ["a"] })).not.toBeNull();
    await responses.revalidateTag("a");
    expect(await responses.get("/", PAGE)).toBeNull();
    expect(lines.mock.calls.flat().join("\n")).toContain("KV_AUTH");
    expect(lines.mock.calls.flat().join("\n")).not.toContain("revoked");
    expect(lines.mock.calls.length).toBeLessThanOrEqual(2);
  });
});

describe("KV whose request budget is used up", () => {
  const rest = useRest();

  test("is as KV that is silent", async () => {
    const account = { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id };
    const rateLimit = { requests: 2, window: 600_000 };
    const { responses } = openInstance({ kv: { ...account, rateLimit, deadline: 100 }, deadline: 20 });
    for (let i = 0; i < 20; i++) expect(await responses.get(`/${i}`, PAGE)).toBeNull();
    expect(rest.server.requests.total).toBeLessThanOrEqual(2);
    await responses.set("/", page("hello"), hour);
    expect((await responses.get("/", PAGE))!.value).toMatchObject({ html: "hello" });
    await eventually(() => expect(lines.mock.calls.flat().join("\n")).toContain("KV_RATE_LIMIT"));
  });
});

describe("KV that is away", () => {
  test("what was read is served on, what is made is kept, and both are shared when it is back", async () => {
    await using server = await StoppableServer.start({ token: TOKEN, namespaces: ["test"] });
    const account = { ...accountOf(server.server), namespaceId: server.server.namespaces[0]!.id };
    const one = openInstance({ kv: account, ttl: 1, tagTtl: 1 });
    await one.responses.set("/", page("before", "a"), hour);
    await eventually(async () => expect(await openInstance({ kv: account }).responses.get("/", PAGE)).not.toBeNull());
    await server.stop();
    expect((await one.responses.get("/", PAGE))!.value).toMatchObject({ html: "before" });
    expect(await one.responses.get("/new", PAGE)).toBeNull();
    await one.responses.set("/new", page("meanwhile", "b"), hour);
    expect((await one.responses.get("/new", PAGE))!.value).toMatchObject({ html: "meanwhile" });
    await one.responses.revalidateTag("a");
    expect(await one.responses.get("/", PAGE)).toBeNull();
    await server.startAgain();
    await one.responses.set("/back", page("back"), hour);
    await eventually(async () =>
      expect((await openInstance({ kv: account }).responses.get("/back", PAGE))?.value).toMatchObject({ html: "back" }),
    );
  });
});
