import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { withCache } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import { KVSessions, type SessionOptions } from "@kvplug/session";
import { afterEach, describe, expect, it } from "vitest";
import { useStandingClock } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { useGround } from "../support/ground.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf } from "../support/rest.ts";
import { manyTurns } from "../support/turns.ts";
import { refusal, Wire } from "../support/wire.ts";

const CHILD = fileURLToPath(new URL("../support/session-child.ts", import.meta.url));
const KEY = Buffer.alloc(32, 1).toString("base64");
const OTHER_KEY = new Uint8Array(32).fill(2);

const rest = useGround({ now: () => Date.now() });
const advance = useStandingClock();
const opened: KVSessions[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((sessions) => sessions.close()));
});

/** A store as in a process of its own, and the errors that it tells of. */
function open(options: SessionOptions = {}): KVSessions & { told: Error[] } {
  const sessions = new KVSessions({
    ...accountOf(rest.server),
    namespaceId: rest.server.namespaces[0]!.id,
    writeInterval: 0,
    ...options,
  });
  opened.push(sessions);
  const told: Error[] = [];
  sessions.on("error", (error) => told.push(error));
  return Object.assign(sessions, { told });
}

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);
const store = () => rest.server.kv("test");

/** How many requests a call makes. */
async function requestsOf(call: () => Promise<unknown>): Promise<number> {
  const before = rest.server.requests.total;
  await call();
  return rest.server.requests.total - before;
}

describe("what is stored", () => {
  it("a session comes back as JSON brings it, a new one for each caller", async () => {
    const sessions = open();
    await sessions.set("one", { user: { id: 7 }, when: new Date(0) });
    const first = await sessions.get("one");
    expect(first).toEqual({ user: { id: 7 }, when: "1970-01-01T00:00:00.000Z" });
    first!["user"].id = 8;
    expect(await sessions.get("one")).toMatchObject({ user: { id: 7 } });
    expect(await open().get("one")).toMatchObject({ user: { id: 7 } });
  });

  it("a session is stored as it was at the call", async () => {
    const sessions = open({ encryption: { keys: [KEY] } });
    const session = { list: [1] };
    const set = sessions.set("one", session);
    session.list.push(2);
    await set;
    expect(await open({ encryption: { keys: [KEY] } }).get("one")).toEqual({ list: [1] });
  });

  it("a read sees a write from its call on", async () => {
    const sessions = open({ encryption: { keys: [KEY] } });
    const set = sessions.set("one", { n: 1 });
    expect(await sessions.get("one")).toEqual({ n: 1 });
    await set;
  });

  it("a session that was not there is found within five seconds of its set elsewhere", async () => {
    const [here, elsewhere] = [open(), open()];
    expect(await elsewhere.get("one")).toBeNull();
    await here.set("one", { n: 1 });
    advance(5_000);
    expect(await elsewhere.get("one")).toEqual({ n: 1 });
  });

  it("writes of one session end as the last one called, however long each takes to be made ready", async () => {
    const slow = Promise.withResolvers<void>();
    const sessions = open({
      serializer: {
        stringify: async (session) => {
          if (session["n"] === 1) await slow.promise;
          return JSON.stringify(session);
        },
        parse: (text) => JSON.parse(text),
      },
    });
    const both = [sessions.set("one", { n: 1 }), sessions.set("one", { n: 2 })];
    slow.resolve();
    await Promise.all(both);
    expect(await open().get("one")).toEqual({ n: 2 });
  });

  it("a serializer may take its time, both ways", async () => {
    const serializer = {
      stringify: async (session: object) => `:${JSON.stringify(session)}`,
      parse: async (text: string) => JSON.parse(text.slice(1)),
    };
    await open({ serializer }).set("one", { n: 1 });
    expect(await store().get("sess:one")).toBe(':{"n":1}');
    expect(await open({ serializer }).get("one")).toEqual({ n: 1 });
  });

  it("prefixes keep stores apart", async () => {
    await open({ prefix: "a:" }).set("one", { n: 1 });
    expect(await open({ prefix: "b:" }).get("one")).toBeNull();
    expect(await open({ prefix: "a:" }).ids()).toEqual(["one"]);
  });
});

describe("the end of a session", () => {
  it.each([
    ["of ten seconds", 10, 60],
    ["of an hour and a bit", 3600.2, 3601],
  ])("a cookie %s: KV is told whole seconds, 60 at least", async (_, seconds, kept) => {
    await open().set("one", { cookie: { expires: inSeconds(seconds) } });
    const [key] = await listAll(store());
    expect(key!.expiration).toBe(Math.floor(Date.now() / 1000) + kept);
  });

  it("a session is over with its cookie, though KV still has it", async () => {
    const sessions = open();
    await sessions.set("one", { cookie: { expires: inSeconds(10) } });
    advance(9_999);
    expect(await sessions.get("one")).not.toBeNull();
    advance(1);
    expect(await sessions.get("one")).toBeNull();
    expect(await open().get("one")).toBeNull();
    expect(await open().length()).toBe(0);
    expect(await listAll(store())).toHaveLength(1);
  });

  it.each([
    ["text", "soon"],
    ["a Date", new Date(Number.NaN)],
    ["a number", Number.NaN],
  ])("a cookie whose end is no date, but %s, is one without an end", async (_, expires) => {
    const sessions = open({ ttl: 100 });
    for (const call of ["set", "touch"] as const) {
      await sessions.set(call, { cookie: { expires: inSeconds(1000) }, n: 1 });
      await sessions[call](call, { cookie: { expires }, n: 1 });
      expect((await store().getWithMetadata(`sess:${call}`)).expiration).toBe(Math.floor(Date.now() / 1000) + 100);
      expect(await open().get(call)).toEqual({ cookie: { expires: null }, n: 1 });
    }
  });

  it("a session that is over when it is set or touched is destroyed", async () => {
    const sessions = open();
    for (const call of ["set", "touch"] as const) {
      await sessions.set(call, { cookie: { expires: inSeconds(100) } });
      await sessions[call](call, { cookie: { expires: inSeconds(-1) } });
    }
    expect(await listAll(store())).toEqual([]);
  });

  it("without an end of the cookie, ttl counts, a number or a function of the session", async () => {
    const sessions = open({ ttl: (session) => session.ttl });
    await sessions.set("one", { cookie: { expires: null }, ttl: 100 });
    expect((await listAll(store()))[0]!.expiration).toBe(Math.floor(Date.now() / 1000) + 100);
    await open({ ttl: 200 }).set("one", { other: true });
    expect((await listAll(store()))[0]!.expiration).toBe(Math.floor(Date.now() / 1000) + 200);
  });
});

describe("what is not written", () => {
  it("a set of an unchanged session within touchAfter", async () => {
    const sessions = open();
    const session = () => ({ cookie: { expires: inSeconds(3600), originalMaxAge: 3_600_000 }, n: 1 });
    await sessions.set("one", session());
    advance(299_000);
    expect(await requestsOf(() => sessions.set("one", session()))).toBe(0);
    advance(1_000);
    expect(await requestsOf(() => sessions.set("one", session()))).toBe(1);
    expect(await requestsOf(() => sessions.set("one", { ...session(), n: 2 }))).toBe(1);
  });

  it("but a set that is no news here is written after touchAfter: another process may have written meanwhile", async () => {
    const [here, elsewhere] = [open(), open()];
    const cookie = { expires: inSeconds(3600) };
    await here.set("one", { cookie, n: 1 });
    await elsewhere.set("one", { cookie, n: 2 });
    advance(300_000);
    await here.set("one", { cookie, n: 1 });
    expect(await open().get("one")).toMatchObject({ n: 1 });
  });

  it("a set of what was read again, long after it was written", async () => {
    const sessions = open();
    const session = { cookie: { expires: inSeconds(3600) }, n: 1 };
    await sessions.set("one", session);
    advance(300_000);
    await sessions.get("one");
    expect(await requestsOf(() => sessions.set("one", session))).toBe(0);
  });

  it("a set of what was only read", async () => {
    await open().set("one", { cookie: { expires: inSeconds(3600) }, n: 1 });
    const other = open();
    const session = await other.get("one");
    expect(await requestsOf(() => other.set("one", session!))).toBe(0);
  });

  it("a session shorter than touchAfter is written in time", async () => {
    const sessions = open();
    const session = () => ({ cookie: { expires: inSeconds(60) } });
    await sessions.set("one", session());
    for (let i = 0; i < 10; i++) {
      advance(25_000);
      await sessions.touch("one", session());
      expect(await open().get("one")).not.toBeNull();
    }
  });

  it.each(["set", "touch"] as const)("a %s counts half of what the stored session has left", async (call) => {
    const sessions = open();
    for (const [name, left, end, writes] of [
      ["longer", 60, 89, 0],
      ["longer by half", 60, 91, 1],
      ["twice as long", 60, 119, 1],
      ["shorter", 200, 151, 0],
      ["shorter by half", 200, 99, 1],
      ["shorter by half of what is then left", 200, 132, 1],
      ["shorter by less than that", 200, 135, 0],
      ["longer by touchAfter", 5000, 5301, 1],
      ["longer by less", 5000, 5299, 0],
    ] as const) {
      await sessions.set(name, { cookie: { expires: inSeconds(left) } });
      const session = { cookie: { expires: inSeconds(end) } };
      expect([name, await requestsOf(() => sessions[call](name, session))]).toEqual([name, writes]);
    }
  });

  it("with touchAfter 0 everything is written; with disableTouch no touch is", async () => {
    const sessions = open({ touchAfter: 0 });
    await sessions.set("one", { n: 1 });
    expect(await requestsOf(() => sessions.set("one", { n: 1 }))).toBe(1);
    const still = open({ touchAfter: 0, disableTouch: true });
    expect(await requestsOf(() => still.touch("one", { cookie: { expires: inSeconds(9000) } }))).toBe(0);
  });

  it("a twin of a set that is under way waits for it", async () => {
    const sessions = open();
    const calls = Promise.all([sessions.set("one", { n: 1 }), sessions.set("one", { n: 1 })]);
    expect(await requestsOf(() => calls)).toBe(1);
  });

  it("a set of what a read saw that began before another set is sent", async () => {
    const wire = new Wire();
    const sessions = open({ fetch: wire.fetch, cache: false });
    await open().set("one", { n: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    wire.answersWaitFor = promise;
    const read = sessions.get("one");
    await eventually(() => expect(wire.answered).toBe(1));
    wire.answersWaitFor = undefined;
    await sessions.set("one", { n: 2 });
    resolve();
    expect(await read).toEqual({ n: 1 });
    await sessions.set("one", { n: 1 });
    expect(await store().get("sess:one")).toBe('{"n":1}');
  });

  it("a failed write is written again", async () => {
    const wire = new Wire();
    const sessions = open({ retry: false, fetch: wire.fetch });
    wire.instead = () => refusal(500, 10_001);
    for (let i = 0; i < 2; i++) expect((await errorOf(sessions.set("one", { n: 1 }))).code).toBe("KV_API");
    wire.instead = undefined;
    await sessions.set("one", { n: 1 });
    expect(await store().get("sess:one")).toBe('{"n":1}');
  });
});

describe("touch", () => {
  it("keeps what another process changed meanwhile", async () => {
    const [here, elsewhere] = [open(), open()];
    const session = (n: number) => ({ cookie: { expires: inSeconds(3600) }, n });
    await here.set("one", session(1));
    advance(300_000);
    const stale = await elsewhere.get("one");
    await here.set("one", session(2));
    await elsewhere.touch("one", { ...stale, ...session(1) });
    expect(await open().get("one")).toMatchObject({ n: 2 });
  });

  it("as a set that only renews what was read does", async () => {
    const [here, elsewhere] = [open(), open()];
    const session = (n: number) => ({ cookie: { expires: inSeconds(80) }, n });
    await here.set("one", session(1));
    await elsewhere.get("one");
    await here.set("one", session(2));
    advance(50_000);
    const stale = await elsewhere.get("one");
    await elsewhere.set("one", { ...stale, cookie: { expires: inSeconds(80) } });
    expect(await open().get("one")).toEqual({ cookie: { expires: inSeconds(80).toISOString() }, n: 2 });
  });

  it("replaces the cookie of the freshest copy and nothing else", async () => {
    const sessions = open({ touchAfter: 0 });
    await sessions.set("one", { cookie: { expires: inSeconds(100) }, n: 1 });
    const stale = await sessions.get("one");
    const set = sessions.set("one", { cookie: { expires: inSeconds(100) }, n: 2 });
    stale!.cookie = { expires: inSeconds(500) };
    await Promise.all([set, sessions.touch("one", stale!)]);
    expect(await open().get("one")).toEqual({ cookie: { expires: inSeconds(500).toISOString() }, n: 2 });
  });

  it("of a session that is missing or destroyed does nothing, and no error", async () => {
    const sessions = open({ touchAfter: 0 });
    await sessions.touch("never", { cookie: { expires: inSeconds(100) } });
    await sessions.set("one", { n: 1 });
    const touch = sessions.touch("one", { cookie: { expires: inSeconds(100) } });
    await Promise.all([sessions.destroy("one"), touch]);
    expect(await listAll(store())).toEqual([]);
  });

  it("a change of the cookie itself is written at once", async () => {
    const sessions = open();
    await sessions.set("one", { cookie: { expires: inSeconds(100), originalMaxAge: 100_000 } });
    await sessions.touch("one", { cookie: { expires: inSeconds(100), originalMaxAge: 200_000 } });
    expect((await open().get("one"))!.cookie).toMatchObject({ originalMaxAge: 200_000 });
  });
});

describe("a destroyed session", () => {
  it("stays destroyed in this process, however late it is saved", async () => {
    const sessions = open();
    await sessions.set("one", { n: 1 });
    await sessions.destroy("one");
    advance(24 * 3600_000);
    await sessions.set("one", { n: 2 });
    expect(await sessions.get("one")).toBeNull();
    expect(await listAll(store())).toEqual([]);
  });

  it("stays destroyed where a write of it is under way, or being made ready", async () => {
    const sessions = open({ encryption: { keys: [KEY] } });
    await sessions.set("one", { n: 1 });
    await Promise.all([sessions.set("one", { n: 2 }), sessions.destroy("one"), sessions.set("one", { n: 3 })]);
    expect(await sessions.get("one")).toBeNull();
    expect(await listAll(store())).toEqual([]);
  });

  it("stays destroyed here where KV could not be told, and to destroy it again tells KV", async () => {
    const wire = new Wire();
    const sessions = open({ retry: false, fetch: wire.fetch });
    await sessions.set("one", { n: 1 });
    wire.instead = () => refusal(500, 10_001);
    expect((await errorOf(sessions.destroy("one"))).code).toBe("KV_API");
    expect(await sessions.get("one")).toBeNull();
    wire.instead = undefined;
    await sessions.destroy("one");
    expect(await listAll(store())).toEqual([]);
  });

  it.each(["touch", "set"] as const)("is not brought back by a %s elsewhere that only renews a copy", async (call) => {
    for (const touchAfter of [0, 300]) {
      const [here, elsewhere] = [open(), open({ touchAfter })];
      const session = () => ({ cookie: { expires: inSeconds(3600) }, n: 1 });
      await here.set("one", session());
      advance(300_000);
      expect(await elsewhere.get("one")).not.toBeNull();
      await here.destroy("one");
      await elsewhere[call]("one", session());
      expect(await listAll(store())).toEqual([]);
      expect(await elsewhere.get("one")).toBeNull();
    }
  });

  it("is not brought back by a renewal behind a cache that was given", async () => {
    const here = open();
    const { baseURL, accountId, apiToken } = accountOf(rest.server);
    const driver = createKV({ baseURL, accountId, apiToken, namespaceId: rest.server.namespaces[0]!.id });
    await using cached = withCache(driver, { max: 100, deadline: Infinity });
    await using elsewhere = new KVSessions(cached, { cache: false });
    const session = () => ({ cookie: { expires: inSeconds(3600) }, n: 1 });
    await here.set("one", session());
    advance(300_000);
    await elsewhere.get("one");
    await here.destroy("one");
    await elsewhere.touch("one", session());
    expect(await listAll(store())).toEqual([]);
  });

  it("is made by a set elsewhere that has seen it long ago", async () => {
    const [here, elsewhere] = [open(), open()];
    await here.set("one", { n: 1 });
    await elsewhere.get("one");
    await here.destroy("one");
    advance(300_000);
    await elsewhere.set("one", { n: 1 });
    expect(await open().get("one")).toEqual({ n: 1 });
  });

  it("is missing elsewhere when the window there is over", async () => {
    const [here, elsewhere] = [open(), open()];
    await here.set("one", { n: 1 });
    await elsewhere.get("one");
    await here.destroy("one");
    expect(await elsewhere.get("one")).toEqual({ n: 1 });
    advance(60_000);
    expect(await elsewhere.get("one")).toBeNull();
  });
});

describe("all of them", () => {
  it("are told, counted and cleared", async () => {
    const sessions = open();
    const ids = Array.from({ length: 1_200 }, (_, i) => `id-${String(i).padStart(4, "0")}`);
    expect(await requestsOf(() => Promise.all(ids.map((id, n) => sessions.set(id, { n }))))).toBe(1);
    const other = open();
    await other.destroy("id-0000");
    expect(await other.ids()).toEqual(ids.slice(1));
    expect(await other.length()).toBe(1_199);
    expect((await other.all())[1_198]).toEqual({ id: "id-1199", session: { n: 1_199 } });
    await store().put("not a session", "stays");
    expect(await requestsOf(() => other.clear())).toBeLessThanOrEqual(6);
    expect(await listAll(store())).toMatchObject([{ name: "not a session" }]);
    expect(await other.get("id-0001")).toBeNull();
  });

  it("are cleared with those that were being set", async () => {
    const sessions = open({ encryption: { keys: [KEY] } });
    await sessions.set("one", { n: 1 });
    const calls = [sessions.set("one", { n: 2 }), sessions.set("two", { n: 2 }), sessions.clear()];
    for (const id of ["one", "two"]) expect(await sessions.get(id)).toBeNull();
    await Promise.all(calls);
    expect(await listAll(store())).toEqual([]);
  });
});

describe("ids and records that nobody else can read", () => {
  it("hashIds: KV holds no id, and all else works", async () => {
    const sessions = open({ hashIds: { secret: "s" } });
    await sessions.set("one", { n: 1 });
    const [key] = await listAll(store());
    expect(key!.name).toMatch(/^sess:[\w-]{43}$/);
    expect(await open({ hashIds: { secret: "s" } }).get("one")).toEqual({ n: 1 });
    expect(await open({ hashIds: { secret: "t" } }).get("one")).toBeNull();
    expect(await sessions.all()).toEqual([{ id: undefined, session: { n: 1 } }]);
    expect((await errorOf(sessions.ids())).message).toContain("hashIds");
    await sessions.destroy("one");
    expect(await listAll(store())).toEqual([]);
  });

  it("encryption: the first key writes, all of them read", async () => {
    await open({ encryption: { keys: [OTHER_KEY] } }).set("one", { secret: "tea" });
    expect(await store().get("sess:one")).not.toContain("tea");
    const both = open({ encryption: { keys: [KEY, OTHER_KEY] } });
    expect(await both.get("one")).toEqual({ secret: "tea" });
    await both.set("one", { secret: "coffee" });
    expect(await open({ encryption: { keys: [KEY] } }).get("one")).toEqual({ secret: "coffee" });
  });

  it.each<[string, SessionOptions, (records: (string | null)[]) => string]>([
    ["is no JSON", {}, () => '{"secret":"te'],
    ["is JSON, and no session", {}, () => '"tea"'],
    [
      "was changed",
      { encryption: { keys: [KEY] } },
      // Not the last character: some of its bits carry nothing.
      ([one]) => one!.replace(/.(?=.{8}$)/, (it) => (it === "A" ? "B" : "A")),
    ],
    ["is of another session", { encryption: { keys: [KEY] } }, ([, two]) => two!],
    ["is of another key", { encryption: { keys: [OTHER_KEY] } }, ([one]) => one!],
    ["is not encrypted", { encryption: { keys: [KEY] } }, () => '{"secret":"tea"}'],
  ])("a record that %s is a missing session and one error event, and stays", async (_, options, change) => {
    const writer = open({ encryption: { keys: [KEY] } });
    await Promise.all([writer.set("one", { secret: "tea" }), writer.set("two", { secret: "tea" })]);
    const records = await Promise.all(["sess:one", "sess:two"].map((name) => store().get(name)));
    const changed = change(records);
    await store().put("sess:one", changed);
    const sessions = open(options);
    expect(await sessions.get("one")).toBeNull();
    await sessions.touch("one", { cookie: { expires: inSeconds(100) } });
    expect(sessions.told).toMatchObject([{ code: "KV_VALUE", key: "sess:one" }]);
    expect(String(sessions.told[0])).not.toContain("te");
    expect(await store().get("sess:one")).toBe(changed);
  });

  it("encryption: who can write KV cannot make a session last longer", async () => {
    const options = { encryption: { keys: [KEY] }, ttl: 100 };
    await open(options).set("one", { secret: "tea" });
    const record = await store().get("sess:one");
    await store().put("sess:one", record!, { metadata: { e: Date.now() + 1_000_000 } });
    expect(await open(options).get("one")).toBeNull();
    await store().put("sess:one", record!);
    expect(await open(options).get("one")).toBeNull();
  });

  it("with nobody listening, an unreadable record is a warning", async () => {
    await store().put("sess:one", "{");
    await using sessions = new KVSessions(
      createKV({ ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id }),
    );
    // Node's own listener would print it.
    const printing = process.rawListeners("warning");
    process.removeAllListeners("warning");
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    expect(await sessions.get("one")).toBeNull();
    expect(await warned).toMatchObject({ code: "KV_VALUE" });
    for (const listener of printing) process.on("warning", listener as NodeJS.WarningListener);
  });
});

describe("durability", () => {
  it("behind: a write is not waited for, and close does", async () => {
    const sessions = open({ durability: "behind" });
    await sessions.set("one", { n: 1 });
    expect(rest.server.requests.total).toBe(0);
    expect(await sessions.get("one")).toEqual({ n: 1 });
    await sessions.close();
    expect(await store().get("sess:one")).toBe('{"n":1}');
    expect((await errorOf(sessions.get("one"))).code).toBe("KV_CLOSED");
  });

  it("close waits for a write that is still being made ready", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stringify = async (session: object): Promise<string> => {
      await promise;
      return JSON.stringify(session);
    };
    const sessions = open({ serializer: { stringify, parse: (text) => JSON.parse(text) } });
    const set = sessions.set("one", { n: 1 });
    const closed = sessions.close();
    await manyTurns();
    resolve();
    await Promise.all([set, closed]);
    expect(await store().get("sess:one")).toBe('{"n":1}');
  });

  it("behind: a program that ends by itself has written", async () => {
    const { baseURL, accountId, apiToken } = accountOf(rest.server);
    const env = {
      ...process.env,
      CLOUDFLARE_API_BASE_URL: baseURL,
      CLOUDFLARE_ACCOUNT_ID: accountId,
      CLOUDFLARE_API_TOKEN: apiToken,
      CLOUDFLARE_KV_NAMESPACE_ID: rest.server.namespaces[0]!.id,
    };
    const child = spawn(process.execPath, [CHILD], { env, stdio: "inherit" });
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await store().get("sess:one")).toBe('{"n":5}');
  });

  it("behind: a failure is an error event", async () => {
    const sessions = open({ durability: "behind", retry: false, baseURL: "http://127.0.0.1:9/client/v4" });
    await sessions.set("one", { n: 1 });
    await sessions.close();
    expect(sessions.told).toMatchObject([{ code: "KV_NETWORK" }]);
  });

  it("a namespace that was given stays open", async () => {
    const sessions = new KVSessions(rest.kv, { durability: "behind" });
    await sessions.set("one", { n: 1 });
    await sessions.close();
    expect(await rest.kv.get("sess:one")).toBe('{"n":1}');
  });
});

describe("bad input", () => {
  it.each<[string, object, string]>([
    ["a mistyped option", { tll: 5 }, '"tll"'],
    ["no ttl", { ttl: 0 }, "ttl"],
    ["a ttl that is text", { ttl: "1h" }, "ttl must be a number of seconds"],
    ["a negative touchAfter", { touchAfter: -1 }, "touchAfter"],
    ["no secret", { hashIds: {} }, "hashIds needs a secret"],
    ["an empty secret", { hashIds: { secret: "" } }, "hashIds needs a secret"],
    ["no keys", { encryption: { keys: [] } }, "encryption.keys"],
    ["a short key", { encryption: { keys: [KEY, "c2VjcmV0"] } }, "encryption.keys[1] must have 32 bytes, not 6"],
    ["a long key", { encryption: { keys: [new Uint8Array(64)] } }, "encryption.keys[0] must have 32 bytes, not 64"],
    [
      "a passphrase for a key",
      { encryption: { keys: ["correct horse battery staple"] } },
      "encryption.keys[0] must be bytes or their base64",
    ],
    ["half a serializer", { serializer: { parse: JSON.parse } }, "serializer"],
    ["a window of none", { cache: { max: 0 } }, "cache.max must"],
    ["a window of no bytes", { cache: { maxBytes: 0.5 } }, "cache.maxBytes must be a whole number of bytes"],
    ["another durability", { durability: "never" }, "durability"],
    ["a switch that is none", { disableTouch: "yes" }, "disableTouch"],
    ["a prefix too long", { prefix: "p".repeat(257) }, "prefix"],
  ])("%s is refused by its name", (_, options, says) => {
    expect(() => open(options)).toThrow(says);
  });

  it("a ttl function that returns NaN is an error of the set, and nothing is written", async () => {
    const sessions = open({ ttl: () => Number.NaN });
    expect(await errorOf(sessions.set("one", {}))).toMatchObject({ code: "KV_INVALID" });
    expect(await listAll(store())).toEqual([]);
  });

  it.each([
    ["null", null],
    ["text", "tea"],
    ["an array", ["tea"]],
    ["a Map", new Map([["tea", 1]])],
  ])("a session that is %s is an error", async (_, session) => {
    const sessions = open();
    for (const call of ["set", "touch"] as const) {
      const error = await errorOf(sessions[call]("one", session as never));
      expect(error).toMatchObject({ code: "KV_INVALID" });
      expect(error.message).not.toContain("tea");
    }
    expect(await listAll(store())).toEqual([]);
  });

  it("a session whose cookie lasts for thousands of years is stored", async () => {
    const sessions = open();
    await sessions.set("one", { cookie: { expires: new Date(8.64e15) }, n: 1 });
    expect(await open().get("one")).toMatchObject({ n: 1 });
  });

  it("a session with a cycle is an error, and what was there stays", async () => {
    const sessions = open();
    await sessions.set("one", { n: 1 });
    const cycle: Record<string, unknown> = { password: "tea" };
    cycle["self"] = cycle;
    const error = await errorOf(sessions.set("one", cycle));
    expect(error).toMatchObject({ code: "KV_INVALID", cause: { key: "sess:one" } });
    expect(error.message).not.toContain("tea");
    expect(await sessions.get("one")).toEqual({ n: 1 });
  });

  it.each([
    ["of 600 bytes", "x".repeat(600)],
    ["that is empty", ""],
    ["with half a character", "\uD800"],
  ])("an id %s is no session to read, and an error to write", async (_, id) => {
    const sessions = open();
    expect(await sessions.get(id)).toBeNull();
    await sessions.touch(id, {});
    await sessions.destroy(id);
    expect((await errorOf(sessions.set(id, {}))).code).toMatch(/^KV_(LIMIT|INVALID)$/);
    expect(rest.server.requests.total).toBe(0);
  });

  it("an id of 600 bytes is as good as any with hashIds", async () => {
    const sessions = open({ hashIds: { secret: "s" } });
    await sessions.set("x".repeat(600), { n: 1 });
    expect(await sessions.get("x".repeat(600))).toEqual({ n: 1 });
  });
});
