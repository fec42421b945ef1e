import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { killAndResume } from "./kill-and-resume.ts";
import { needRedis, Redis } from "../../../test/support/redis.ts";
import { BULK_WRITE, contentsOf, Setup } from "./setup.ts";

const PASSWORD = "a-secret-password";

test("from Redis: text, bytes and TTLs; lists are left out and told", async (context) => {
  needRedis(context);
  await using setup = await Setup.start();
  await using redis = await Redis.start(PASSWORD);
  const { client } = redis;
  await client.set("s:text", "a\nvalue");
  await client.set("s:bytes", Buffer.of(0xff, 0, 0x0a));
  const before = Date.now() / 1000;
  await client.set("s:hour", "1", { expiration: { type: "EX", value: 3600 } });
  await client.set("s:soon", "1", { expiration: { type: "EX", value: 59 } });
  await client.set("other[1]*", "2");
  await client.lPush("s:list", "x");
  const from = `redis://127.0.0.1:${redis.port}/0`;
  const env = { REDIS_PASSWORD: PASSWORD };
  const all = await setup.run(["migrate", "--from", from, "--to", "one", "-q"], "", env);
  expect(all).toMatchObject({ code: 5, stderr: "kvplug: 1 key skipped for holding lists, hashes or sets.\n" });
  const [other, bytes, hour, soon, text] = await contentsOf(setup.one);
  expect([other, bytes, text]).toEqual([
    { key: "other[1]*", value: "2" },
    { key: "s:bytes", value: "\u00ff\0\n" },
    { key: "s:text", value: "a\nvalue" },
  ]);
  const after = Date.now() / 1000;
  expect(hour!.expiration!).toBeGreaterThanOrEqual(before + 3600);
  expect(hour!.expiration!).toBeLessThanOrEqual(after + 3601);
  expect(soon!.expiration!).toBeGreaterThanOrEqual(before + 59);
  expect(soon!.expiration!).toBeLessThanOrEqual(after + 61);
  const inURL = from.replace("//", `//default:${PASSWORD}@`);
  const some = ["migrate", "--from", inURL, "--to", "two", "--prefix", "other[1]*", "--map-prefix", "other=mine", "-q"];
  expect(await setup.run(some)).toMatchObject({ code: 0, stderr: "" });
  expect(await contentsOf(setup.two)).toEqual([{ key: "mine[1]*", value: "2" }]);
  const wrong = await setup.run(["migrate", "--from", from, "--to", "one"], "", { REDIS_PASSWORD: "secret-and-wrong" });
  expect(wrong).toMatchObject({ code: 4, stderr: `kvplug: ${from} rejects the password or the user.\n` });
  const none = await setup.run(["migrate", "--from", from, "--to", "one"], "", { REDIS_PASSWORD: "" });
  expect(none).toMatchObject({ code: 4, stderr: `kvplug: ${from} requires a password: set REDIS_PASSWORD.\n` });
});

test("from Redis, killed and resumed: all of it, and no password on the screen", async (context) => {
  needRedis(context);
  await using setup = await Setup.start();
  await using redis = await Redis.start(PASSWORD);
  // More than two pages.
  const many = Array.from({ length: 1800 }, (_, i) => [`key:${i}`, `v${i}`.padEnd(10_000)] as const);
  await redis.client.mSet(many.flat());
  const from = `redis://default:${PASSWORD}@127.0.0.1:${redis.port}`;
  await killAndResume(setup, ["migrate", "--from", from, "--to", "one", "-q"], [1]);
  const there = (await contentsOf(setup.one)).map(({ key, value }) => [key, value]);
  expect(Object.fromEntries(there)).toEqual(Object.fromEntries(many));
  const relay = await setup.relay(BULK_WRITE);
  relay.keep(() => true);
  await using stopped = setup.start(["migrate", "--from", from, "--to", "two"]);
  await relay.keeping();
  stopped.signal("SIGINT");
  relay.release();
  const { code, stderr } = await stopped.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/To continue: kvplug migrate --from redis:\/\/default@127\.0\.0\.1:\d+ --to two --resume\n$/);
  expect(stderr).not.toContain("secret");
});

test("from a Redis that goes away: it is named, and the rest can be resumed", async (context) => {
  needRedis(context);
  await using setup = await Setup.start();
  await using redis = await Redis.start(PASSWORD);
  await redis.client.mSet(Array.from({ length: 45_000 }, (_, i) => [`key:${i}`, "v"] as const).flat());
  redis.client.on("error", () => {});
  const from = `redis://127.0.0.1:${redis.port}/0`;
  const relay = await setup.relay(BULK_WRITE);
  relay.keep(() => true);
  await using command = setup.start(["migrate", "--from", from, "--to", "one", "-q"], "", { REDIS_PASSWORD: PASSWORD });
  // No more than the page behind those that are under way is read ahead.
  await relay.keeping();
  redis.kill();
  relay.release();
  const { code, stderr } = await command.ended;
  expect(stderr).toMatch(
    /^kvplug: redis:\/\/127\.0\.0\.1:\d+\/0 failed: .+ To continue: kvplug migrate --from .* --resume\n$/,
  );
  expect(code).toBe(1);
});

test("from a Keyv on SQLite: values as they are, with what is left of their time", async () => {
  await using setup = await Setup.start();
  const path = setup.path("keyv.sqlite");
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE keyv(key VARCHAR(255) PRIMARY KEY, value TEXT )");
  const insert = database.prepare("INSERT INTO keyv VALUES (?, ?)");
  const now = Date.now();
  const put = (key: string, expires?: number): string => {
    const value = JSON.stringify({ value: key, expires });
    insert.run(`keyv:${key}`, value);
    return value;
  };
  const forever = put("forever");
  const hour = put("hour", now + 3_600_500);
  put("past", now - 1000);
  insert.run("others:k", "{}");
  insert.run(`keyv:${"x".repeat(600)}`, "{}");
  database.close();
  const from = `sqlite://${path}`;
  const strict = await setup.run(["migrate", "--from", from, "--to", "one", "--prefix", "keyv:"]);
  expect(strict).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/A key may have up to 512 bytes.*--keep-going skips it\./),
  });
  const lenient = await setup.run(["migrate", "--from", from, "--to", "one", "--prefix", "keyv:", "--keep-going"]);
  expect(lenient).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/1 key had expired.*\n(.*\n)*.*1 skipped as malformed/),
  });
  expect(await contentsOf(setup.one)).toEqual([
    { key: "keyv:forever", value: forever },
    { key: "keyv:hour", value: hour, expiration: Math.ceil((now + 3_600_500) / 1000) },
  ]);
});

test("sources that cannot be: one line, and the code", async () => {
  await using setup = await Setup.start();
  const text = await setup.write("text", "no database, but long enough to be taken for one".repeat(50));
  const cases: [from: string, code: number, says: RegExp][] = [
    ["mysql://localhost", 2, /--from takes redis:\/\/.*sqlite:\/\//],
    ["sqlite:///nowhere/at/all", 1, /\/nowhere\/at\/all: no such file/],
    [`sqlite://${text}`, 1, /is not a SQLite database/],
    ["redis://127.0.0.1:9/sessions", 2, /a Redis database is a number, such as redis:\/\/127\.0\.0\.1:9\/0\.\n/],
    ["redis://127.0.0.1:9", 1, /redis:\/\/127\.0\.0\.1:9 cannot be reached: .*ECONNREFUSED/],
  ];
  await Promise.all(
    cases.map(async ([from, expected, says]) => {
      const { code, stderr, stdout } = await setup.run(["migrate", "--from", from, "--to", "one"]);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/^kvplug: [^\n]+\n$/);
      expect([code, stdout]).toEqual([expected, ""]);
    }),
  );
});
