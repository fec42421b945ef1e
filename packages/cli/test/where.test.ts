import { expect, test } from "vitest";
import { meets, parseWhere } from "../src/where.ts";
import { keysIn, Setup } from "./setup.ts";

test.each([
  ["metadata.pr=123", { pr: 123 }, true],
  ["metadata.pr=123", { pr: "123" }, true],
  ["metadata.pr=123", { pr: 12 }, false],
  ["metadata.pr=123", undefined, false],
  ["metadata.pr!=123", undefined, true],
  ["metadata.a.b=x=y", { a: { b: "x=y" } }, true],
  ["metadata.a=", { a: "" }, true],
  ["metadata.a=[object Object]", { a: {} }, false],
  ["metadata.a=null", { a: null }, true],
  ["metadata.draft=true", { draft: true }, true],
  ["metadata=5", 5, true],
  ["metadata.length=1", "a", false],
  ["metadata.toString=x", {}, false],
  ["metadata.constructor.name=Object", {}, false],
])("%s of %j", (text, metadata, expected) => {
  expect(meets(metadata, parseWhere(text))).toBe(expected);
});

test("ls, export and purge by metadata: no other value is read, and nothing else is deleted", async () => {
  await using setup = await Setup.start();
  for (let i = 0; i < 1500; i++)
    await setup.one.put(`k${String(i).padStart(4, "0")}`, `v${i}`, { metadata: { pr: i % 3, by: i % 2 ? "a" : "b" } });
  await setup.one.put("none", "");
  const where = ["--where", "metadata.pr=1", "--where", "metadata.by!=b"];
  const wanted = Array.from({ length: 1500 }, (_, i) => i)
    .filter((i) => i % 3 === 1 && i % 2 === 1)
    .map((i) => `k${String(i).padStart(4, "0")}`);
  expect((await setup.run(["ls", "-n", "one", ...where])).stdout).toBe(`${wanted.join("\n")}\n`);
  const some = await setup.run(["ls", "-n", "one", ...where, "--limit", "3"]);
  expect(some.stdout).toBe(`${wanted.slice(0, 3).join("\n")}\n`);

  setup.server.requests.reset();
  const { stdout } = await setup.run(["export", "-n", "one", "-q", ...where]);
  const keys = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { key: string }).key);
  expect(keys).toEqual(wanted);
  // Two pages of names, and a hundred values a request.
  expect(setup.server.requests.total).toBe(1 + 2 + Math.ceil(167 / 100) + Math.ceil(83 / 100));

  const asked = await setup.run(["purge", "-n", "one", ...where]);
  expect(asked.stderr).toContain("Delete all keys where metadata.pr=1 and metadata.by!=b of the namespace 'one'?");
  expect((await setup.run(["purge", "-n", "one", "--yes", "-q", ...where])).code).toBe(0);
  const left = await keysIn(setup.one);
  expect(left).toHaveLength(1501 - wanted.length);
  expect(left).toContain("none");
  expect(await setup.run(["purge", "-n", "one", "--where", "pr=1"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("It must be a field and its value, such as metadata.pr=123."),
  });
});

test("an export by metadata goes on only as what it was begun as", async () => {
  await using setup = await Setup.start();
  for (let i = 0; i < 300; i++) await setup.one.put(`k${i}`, "v", { metadata: { pr: i % 2 } });
  const relay = await setup.relay();
  relay.keep((nth) => nth >= 3);
  const out = setup.path("out.ndjson");
  await using command = setup.start(["export", "-n", "one", "-o", out, "--where", "metadata.pr=1"]);
  await relay.keeping();
  command.signal("SIGINT");
  expect((await command.ended).stderr).toContain("--where metadata.pr=1 --resume");
  relay.release();
  expect(await setup.run(["export", "-n", "one", "-o", out, "--resume", "--where", "metadata.pr=0"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("its where is 'metadata.pr=1', not 'metadata.pr=0'"),
  });
  expect((await setup.run(["export", "-n", "one", "-o", out, "--resume"])).code).toBe(1);
  expect((await setup.run(["export", "-n", "one", "-o", out, "--resume", "--where", "metadata.pr=1"])).code).toBe(0);
  expect((await setup.read("out.ndjson")).trim().split("\n")).toHaveLength(150);
});
