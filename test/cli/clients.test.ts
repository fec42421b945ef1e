import { DatabaseSync } from "node:sqlite";
import { createKeyv } from "@kvplug/keyv";
import { expect, onTestFinished, test } from "vitest";
import { contentsOf, Setup } from "../../packages/cli/test/setup.ts";
import { standingClock } from "../support/clock.ts";
import { Wrangler } from "../support/wrangler.ts";

test("wrangler writes what kvplug exported, and kvplug takes files and listings of wrangler", async () => {
  await using setup = await Setup.start();
  await using wrangler = await Wrangler.open(setup.server);
  const [, two] = setup.server.namespaces;
  await setup.one.put("text", "a\nvalue ☃", { metadata: { n: 1 }, expiration: 4_000_000_000 });
  await setup.one.put("bytes", Uint8Array.of(0xff, 0, 0x80));
  const pairs = [
    { key: "w:text", value: "1", metadata: [1], expiration: 4_000_000_000 },
    { key: "w:bytes", value: "/wA=", base64: true },
  ];
  const path = await setup.write("pairs.json", JSON.stringify(pairs, null, 2));
  expect(await setup.run(["import", path, "-n", "one", "-q"])).toMatchObject({ code: 0, stderr: "" });
  expect(await contentsOf(setup.one)).toHaveLength(4);

  const exported = setup.path("export.json");
  expect((await setup.run(["export", "-n", "one", "-o", exported, "-q"])).code).toBe(0);
  await wrangler.run(["kv", "bulk", "put", exported, "--namespace-id", two!.id, "--remote"]);
  expect(await contentsOf(setup.two)).toEqual(await contentsOf(setup.one));
  expect((await setup.run("diff one two -q")).code).toBe(0);

  const listed = JSON.stringify([{ name: "w:bytes" }, { name: "w:text", expiration: 4_000_000_000, metadata: [1] }]);
  expect((await setup.run("purge -n one --keys - --yes -q", listed)).code).toBe(0);
  expect((await contentsOf(setup.one)).map(({ key }) => key)).toEqual(["bytes", "text"]);
});

test("a Keyv finds in KV what it had in SQLite", async () => {
  onTestFinished(standingClock().stop);
  await using setup = await Setup.start();
  const path = setup.path("keyv.sqlite");
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE keyv(key VARCHAR(255) PRIMARY KEY, value TEXT )");
  const insert = database.prepare("INSERT INTO keyv VALUES (?, ?)");
  insert.run("keyv:user", JSON.stringify({ value: { name: "Ada" }, expires: Date.now() + 600_000 }));
  insert.run("keyv:soon", JSON.stringify({ value: 1, expires: Date.now() + 10_000 }));
  database.close();
  const from = ["migrate", "--from", `sqlite://${path}`, "--to", "one", "--prefix", "keyv:"];
  expect((await setup.run([...from, "--map-prefix", "keyv:=keyv::", "-q"])).code).toBe(0);
  const keyv = createKeyv(setup.one, { namespace: "keyv" });
  expect(await keyv.get("user")).toEqual({ name: "Ada" });
  // KV keeps it for a minute, Keyv for the ten seconds that it had.
  expect((await keyv.get("soon", { raw: true }))?.expires).toBeLessThan(Date.now() + 10_001);
});
