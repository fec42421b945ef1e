import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { killOutOfOrder } from "./kill-and-resume.ts";
import { keysIn, Setup } from "./setup.ts";

test("a copy whose source lost keys between its runs skips none of the others", async () => {
  await using setup = await Setup.start();
  const value = "x".repeat(100_000);
  for (let i = 100; i < 265; i++) await setup.one.put(`key:${i}`, value);
  const args = ["copy", "one", "two", "-q"];
  await killOutOfOrder(setup, args);
  // None of the first page.
  for (let i = 185; i < 265; i += 10) await setup.one.delete(`key:${i}`);
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
  const copied = new Set(await keysIn(setup.two));
  const missing = (await keysIn(setup.one)).filter((key) => !copied.has(key));
  expect(missing).toEqual([]);
});

test("a migration whose source lost keys between its runs skips none of the others", async () => {
  await using setup = await Setup.start();
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
  const copied = new Set(await keysIn(setup.two));
  const there = keyv.prepare("SELECT key FROM keyv").all();
  expect(there.filter(({ key }) => !copied.has(String(key)))).toEqual([]);
});
