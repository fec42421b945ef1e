import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { contentsOf, keysIn, Setup } from "./setup.ts";

async function writeAll(setup: Setup, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const path = setup.path(`site/${name}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return setup.path("site");
}

test("import of a folder: its paths are the keys, its bytes the values", async () => {
  await using setup = await Setup.start();
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const folder = await writeAll(setup, { "index.html": "<p>", "img/a.png": bytes, "img/deep/b": "", ".dot": "d" });
  for (const path of [folder, `${folder}/`]) {
    expect(await setup.run(["import", path, "-n", "one", "--prefix", "assets/"])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("imported 4 keys (260 B)"),
    });
  }
  expect(await contentsOf(setup.one)).toEqual([
    { key: "assets/.dot", value: "d" },
    { key: "assets/img/a.png", value: Buffer.from(bytes).toString("latin1") },
    { key: "assets/img/deep/b", value: "" },
    { key: "assets/index.html", value: "<p>" },
  ]);
});

test("what of a folder can be no key is told before anything is written, or left out", async () => {
  await using setup = await Setup.start();
  const folder = await writeAll(setup, { a: "1", z: "2" });
  await symlink("/nowhere/at/all", `${folder}/link`);
  expect(await setup.run(["import", folder, "-n", "one", "-q"])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/site, link: .*no such file or directory\. Nothing was written; --keep-going/),
  });
  expect(await keysIn(setup.one)).toEqual([]);
  expect((await setup.run(["import", folder, "-n", "one", "-q", "--keep-going"])).code).toBe(5);
  expect(await keysIn(setup.one)).toEqual(["a", "z"]);
  const long = await setup.run(["import", folder, "-n", "one", "-q", "--prefix", "x".repeat(512)]);
  expect(long).toMatchObject({ code: 1, stderr: expect.stringContaining("A key may have up to 512 bytes") });
  expect((await setup.run(["import", folder, "-n", "one", "--map"])).code).toBe(2);
});

test("import --map: an object of keys, as wrangler prints what it read", async () => {
  await using setup = await Setup.start();
  const map = { a: "1", "key 2": { value: "2", metadata: { n: 1 } }, gone: null, 5: "five", __proto__x: "" };
  const file = await setup.write("map.json", JSON.stringify(map, null, 2));
  expect((await setup.run(["import", file, "-n", "one", "--map"])).stderr).toContain("imported 4 keys");
  expect(await contentsOf(setup.one)).toEqual([
    { key: "5", value: "five" },
    { key: "__proto__x", value: "" },
    { key: "a", value: "1" },
    { key: "key 2", value: "2", metadata: { n: 1 } },
  ]);
  const wrong = await setup.write("wrong.json", '{"a":"1","b":5}');
  expect(await setup.run(["import", wrong, "-n", "two", "--map", "-q"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("record 2: its value must be a string, not a number"),
  });
  const array = await setup.write("array.json", "[]");
  expect((await setup.run(["import", array, "-n", "two", "--map", "-q"])).stderr).toContain("leave out --map");
  expect(await setup.run(["import", file, "-n", "two", "--prefix", "p"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--prefix is for a folder"),
  });
  expect(await keysIn(setup.two)).toEqual([]);
});
