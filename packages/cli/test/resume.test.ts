import { readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { killAndResume, killOutOfOrder } from "./kill-and-resume.ts";
import { killedSaving } from "./killed.ts";
import { bulkWrites, fill, keysIn, recordsIn, recordsOf, Setup } from "./setup.ts";

const KILLED = { signal: "SIGKILL" };

test.each(["json", "ndjson.gz", "csv"])(
  "an export as %s that is killed and resumed is the same to the byte",
  async (format) => {
    // The first page takes two requests, and so longer than the time between two checkpoints.
    await using setup = await Setup.start({ latency: 60 });
    await fill(setup, 1100);
    const [whole, pieces] = [setup.path(`whole.${format}`), setup.path(`pieces.${format}`)];
    expect((await setup.run(["export", "-n", "one", "-o", whole, "-q"])).code).toBe(0);
    const args = ["export", "-n", "one", "-o", pieces, "-q"];
    // With more in the file than the checkpoint tells, then with as much.
    await using first = await setup.spawn(args, killedSaving("before", 2));
    expect(await first.ended).toMatchObject(KILLED);
    await using second = await setup.spawn([...args, "--resume"], killedSaving("after", 2));
    expect(await second.ended).toMatchObject(KILLED);
    expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
    const read = async (name: string): Promise<Buffer> => {
      const content = await readFile(name);
      return format.endsWith("gz") ? gunzipSync(content) : content;
    };
    expect((await read(pieces)).equals(await read(whole))).toBe(true);
    // Nothing is left of the states that the killed ones had written, but not put in place.
    expect(await readdir(dirname(whole))).not.toContainEqual(expect.stringContaining("checkpoint"));
    expect(await setup.run(["export", "-n", "one", "-o", pieces])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("already exists"),
    });
  },
);

test("what a killed export wrote behind its checkpoint is cut off", async () => {
  await using setup = await Setup.start({ latency: 60 });
  await fill(setup, 1100);
  const args = ["export", "-n", "one", "-o", setup.path("out.ndjson"), "-q"];
  await using first = await setup.spawn(args, killedSaving("after", 2));
  expect(await first.ended).toMatchObject(KILLED);
  await using second = await setup.spawn([...args, "--resume"], killedSaving("before", 2));
  expect(await second.ended).toMatchObject(KILLED);
  expect(await setup.read("out.ndjson")).toBe(recordsOf(1100));
  await Promise.all((await keysIn(setup.one)).slice(1050).map((key) => setup.one.delete(key)));
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
  expect(await setup.read("out.ndjson")).toBe(recordsOf(1050));
});

test("an import that is killed and resumed writes each page once, save what was under way", async () => {
  await using setup = await Setup.start();
  const records = recordsOf(30_002);
  const file = await setup.write("in.ndjson", records);
  await killAndResume(setup, ["import", file, "-n", setup.server.namespaces[0]!.id, "-q"], [1, 1]);
  // Two of four pages are under way at once.
  expect(setup.server.requests.total).toBeLessThanOrEqual(4 + 2 * 2);
  expect(await recordsIn(setup.one)).toBe(records);
});

test("a copy that is killed and resumed is whole, and writes no page twice but what was under way", async () => {
  await using setup = await Setup.start();
  const records = await fill(setup, 20_002);
  const args = ["copy", "one", "two", "-q"];
  // When a page is confirmed.
  await using process = await setup.spawn(args, killedSaving("after", 2));
  expect(await process.ended).toMatchObject(KILLED);
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
  // Only the page behind it may have been.
  expect(bulkWrites(setup)).toBeLessThanOrEqual(3 + 1);
  expect(await recordsIn(setup.two)).toBe(records);
});

test("a page that was written before the one in front of it is not written again", async () => {
  await using setup = await Setup.start();
  const records = recordsOf(20_002);
  const file = await setup.write("in.ndjson", records);
  const args = ["import", file, "-n", "one", "-q"];
  await killOutOfOrder(setup, args);
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
  // Three pages, and the one that was under way.
  expect(bulkWrites(setup)).toBe(3 + 1);
  expect(await recordsIn(setup.one)).toBe(records);
});

test("what a killed run left out is still told by the one that goes on", async () => {
  await using setup = await Setup.start();
  const file = await setup.write("in.ndjson", `{"key":"no value"}\n${recordsOf(20_000)}{"key":"again"}\n`);
  const args = ["import", file, "-n", setup.server.namespaces[0]!.id, "-q", "--keep-going"];
  await using process = await setup.spawn(args, killedSaving("after", 2));
  expect(await process.ended).toMatchObject(KILLED);
  const { code, stderr } = await setup.run([...args, "--resume"]);
  const [noted, ended] = stderr.trim().split("\n");
  expect(noted).toContain("line 20002: it has no value. It was skipped.");
  expect(ended).toBe("kvplug: 1 key skipped by an earlier run; 1 skipped as malformed.");
  expect(code).toBe(5);
});

test("two imports of one file at once: each is done", async () => {
  await using setup = await Setup.start({ latency: [0, 20] });
  const file = await setup.write("in.ndjson", recordsOf(20_002));
  const args = ["import", file, "-n", "one", "-q"];
  const both = await Promise.all([setup.run(args), setup.run(args)]);
  const told = "kvplug: an earlier run stopped after";
  for (const { code, stderr } of both) expect([code, stderr.startsWith(told) ? "" : stderr]).toEqual([0, ""]);
  expect(await keysIn(setup.one)).toHaveLength(20_002);
});
