import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { killedOutOfOrder } from "./killed.ts";
import { contentsOf, Setup } from "./setup.ts";

const LONG = { timeout: 60_000 };

/** Runs a command until it was killed with its second page written and its first one not. */
async function killOutOfOrder(setup: Setup, args: readonly string[]): Promise<void> {
  for (;;) {
    const { code, signal, stderr } = await setup.run(args, "", killedOutOfOrder);
    if (signal === "SIGKILL") return;
    expect([code, stderr]).toEqual([0, ""]);
    expect((await setup.run("purge -n two --yes -q")).code).toBe(0);
  }
}

test("a copy whose source lost keys between its runs skips none of the others", LONG, async () => {
  await using setup = await Setup.start({ latency: [0, 300] });
  const value = "x".repeat(100_000);
  for (let i = 100; i < 600; i++) await setup.one.put(`key:${i}`, value);
  const args = ["copy", "one", "two", "-q"];
  await killOutOfOrder(setup, args);
  // None of the first page.
  for (let i = 205; i < 600; i += 10) await setup.one.delete(`key:${i}`);
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
  const copied = new Set((await contentsOf(setup.two)).map(({ key }) => key));
  const missing = (await contentsOf(setup.one)).filter(({ key }) => !copied.has(key));
  expect(missing).toEqual([]);
});

test("a migration whose source lost keys between its runs skips none of the others", LONG, async () => {
  await using setup = await Setup.start({ latency: [0, 300] });
  const file = setup.path("keyv.sqlite");
  using keyv = new DatabaseSync(file);
  keyv.exec("CREATE TABLE keyv (key VARCHAR(255) PRIMARY KEY, value TEXT)");
  keyv.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 22000)
    INSERT INTO keyv SELECT 'k' || n, '{"value":1}' FROM numbers`);
  const args = ["migrate", "--from", `sqlite://${file}`, "--to", "two", "-q"];
  await killOutOfOrder(setup, args);
  keyv.exec("DELETE FROM keyv WHERE rowid BETWEEN 15000 AND 16000");
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
  const copied = new Set((await contentsOf(setup.two)).map(({ key }) => key));
  const there = keyv.prepare("SELECT key FROM keyv").all();
  expect(there.filter(({ key }) => !copied.has(String(key)))).toEqual([]);
});
