import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { killedAt } from "./killed.ts";
import { fill, recordsIn, Setup } from "./setup.ts";

test.each(["json", "ndjson", "ndjson.gz"])(
  "an export as %s that is killed when all is written is resumed without a record twice",
  async (format) => {
    // The first page takes two rounds of requests, and the rest one more: there is a checkpoint behind each.
    await using setup = await Setup.start({ latency: 120 });
    await fill(setup, 1900);
    const [whole, pieces] = [setup.path(`whole.${format}`), setup.path(`pieces.${format}`)];
    expect((await setup.run(["export", "-n", "one", "-o", whole, "-q"])).code).toBe(0);
    const args = ["export", "-n", "one", "-o", pieces, "-q"];
    await using killed = await setup.spawn(args, killedAt("rm"));
    expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });
    expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
    expect((await readFile(pieces)).equals(await readFile(whole))).toBe(true);
  },
);

test("an export that is killed as it begins is not taken for a whole one", async () => {
  await using setup = await Setup.start();
  await setup.one.put("a", "1");
  const args = ["export", "-n", "one", "-o", setup.path("out.ndjson")];
  await using killed = await setup.spawn(args, killedAt("rename"));
  expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });
  expect((await setup.run([...args, "--resume"])).code).toBe(0);
  expect(await setup.read("out.ndjson")).toBe('{"key":"a","value":"1"}\n');
});

test("an export that is not whole is not imported", async () => {
  await using setup = await Setup.start();
  const records = await fill(setup, 3);
  const out = setup.path("out.ndjson");
  const args = ["export", "-n", "one", "-o", out, "-q"];
  await using killed = await setup.spawn(args, killedAt("rm"));
  expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });
  const refused = await setup.run(["import", out, "-n", "two", "-q"]);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^kvplug: .* is an incomplete export\. /),
  });
  expect((await setup.run([...args, "--resume"])).code).toBe(0);
  expect((await setup.run(["import", out, "-n", "two", "-q"])).code).toBe(0);
  expect(await recordsIn(setup.two)).toBe(records);
});

test("a file that is to be replaced is kept where no checkpoint can be written beside it", async () => {
  await using setup = await Setup.start();
  const out = await setup.write("out.ndjson", "before");
  await mkdir(`${out}.kvplug-checkpoint`);
  expect(await setup.run(["export", "-n", "one", "-o", out, "--force"])).toMatchObject({ code: 1 });
  expect(await setup.read("out.ndjson")).toBe("before");
});

test("a file that is gone or was changed is not gone on with", async () => {
  await using setup = await Setup.start({ latency: 60 });
  await fill(setup, 1100);
  const out = setup.path("out.ndjson");
  const args = ["export", "-n", "one", "-o", out, "-q"];
  await using killed = await setup.spawn(args, killedAt("rm"));
  expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });
  await writeFile(out, "shorter");
  const says = expect.stringMatching(/its checkpoint says \d+\. It was changed: delete both to start over\.\n$/);
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 1, stderr: says });
  await rm(out);
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 1, stderr: says });
});
