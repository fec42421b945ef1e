import { chmod, lstat, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { standingClock } from "../../../test/support/clock.ts";
import { contentsOf, recordsOf, Setup } from "./setup.ts";
import { thereAndBack } from "./there-and-back.ts";

const FAR = 4_000_000_000;
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Keys and values that are hard on lines, shells and JSON. */
async function fillWithOddities({ one }: Setup): Promise<void> {
  await one.put("plain", "value", { metadata: { n: 1, ключ: ["☃"] }, expiration: FAR });
  await one.put('a line\nbreak\tand "quotes" \'\\', "a value\nof lines\u2028and\u2029more");
  await one.put("emoji 👩‍🚀/ünïcödé?#%20", "\u0000\u0001\ufffd");
  await one.put("all bytes", ALL_BYTES, { metadata: 0 });
  await one.put("empty", "");
  await one.put("json", '{"nested":"{}"}', { metadata: false });
  await one.put("__proto__", "key", { metadata: { constructor: 1 } });
}

test("what is exported and imported again is the same, in each format", async () => {
  await using setup = await Setup.start();
  await fillWithOddities(setup);
  const before = await contentsOf(setup.one);
  for (const name of ["x.ndjson", "x.ndjson.gz", "x.json", "x.json.gz"]) {
    const path = setup.path(name);
    expect(await setup.run(["export", "-n", "one", "-o", path, "-q"])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: "",
    });
    expect((await setup.run("purge -n two --yes -q")).code).toBe(0);
    expect(await setup.run(["import", path, "-n", "two", "-q"])).toMatchObject({ code: 0, stderr: "" });
    expect(await contentsOf(setup.two)).toEqual(before);
  }
});

test("an export to a pipe is the one into a file", async () => {
  await using setup = await Setup.start();
  await fillWithOddities(setup);
  const [piped, packed] = await Promise.all([setup.run("export -n one -q"), setup.run("export -n one -q --gzip")]);
  expect(piped.stdout.split("\n")).toHaveLength(8);
  expect(gunzipSync(packed.bytes).toString()).toBe(piped.stdout);
  expect(await setup.run("import - -n two -q", packed.bytes)).toMatchObject({ code: 0, stderr: "" });
  expect(await contentsOf(setup.two)).toEqual(await contentsOf(setup.one));
});

test("--prefix exports what begins with it, and nothing makes an empty file of either format", async () => {
  await using setup = await Setup.start();
  for (const key of ["a:1", "b:1", "b:2"]) await setup.one.put(key, key);
  expect((await setup.run("export -n one --prefix b: -q")).stdout).toBe(
    '{"key":"b:1","value":"b:1"}\n{"key":"b:2","value":"b:2"}\n',
  );
  const json = setup.path("none.json");
  expect(await setup.run(["export", "-n", "one", "--prefix", "none", "-o", json, "-q"])).toMatchObject({ code: 0 });
  expect(await setup.read("none.json")).toBe("[]\n");
  expect(await setup.run(["import", json, "-n", "two"])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("0 keys"),
  });
  expect((await setup.run("import - -n two -q", "")).code).toBe(0);
});

test("requests: an import takes one for 10,000 keys, an export one for 1,000 and one for 100", async () => {
  await using setup = await Setup.start();
  const records = recordsOf(10_002);
  const file = await setup.write("in.ndjson", records);
  const imported = await setup.run(["import", file, "-n", setup.server.namespaces[0]!.id, "--json"]);
  expect(imported.code).toBe(0);
  expect(JSON.parse(imported.stderr.trim().split("\n").at(-1)!)).toMatchObject({
    event: "done",
    keys: 10_002,
    requests: 2,
  });
  expect(setup.server.requests.total).toBe(2);
  setup.server.requests.reset();
  const out = setup.path("out.ndjson");
  expect((await setup.run(["export", "-n", setup.server.namespaces[0]!.id, "-o", out, "-q"])).code).toBe(0);
  expect(setup.server.requests.total).toBe(11 + 101);
  expect(await setup.read("out.ndjson")).toBe(records);
});

test("values as large as they may be are told apart from those that are a byte larger", async () => {
  await using setup = await Setup.start();
  const most = 25 * 1024 * 1024;
  const tooMuch = await setup.run("import - -n two -q", JSON.stringify({ key: "k", value: "x".repeat(most + 1) }));
  expect(tooMuch.stderr).toMatch(/^kvplug: stdin, line 1: A value may have up to 26214400 bytes.*has 26214401\..*\n$/);
  expect(tooMuch.code).toBe(1);
});

test("values of several blocks and pages, text and bytes", async () => {
  await using setup = await Setup.start();
  await thereAndBack(setup, 4_200_000);
});

test("an expiration that is past is left out, one that is near is the nearest there is", async () => {
  const clock = standingClock();
  onTestFinished(clock.stop);
  await using setup = await Setup.start();
  const now = Math.floor(clock.now() / 1000);
  const lines = [
    { key: "past", value: "no size of it is told", expiration: now - 5 },
    { key: "near", value: "12", expiration: now + 20 },
    { key: "ttl", value: "", expiration_ttl: 600 },
  ];
  const input = lines.map((line) => JSON.stringify(line)).join("\r\n");
  expect(await setup.run("import - -n two", input)).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/1 key had expired, and was skipped\.\n.*imported 2 keys \(2 B\) from stdin/),
  });
  const after = await contentsOf(setup.two);
  expect(after.map(({ key }) => key)).toEqual(["near", "ttl"]);
  expect(after.map(({ expiration }) => expiration! - now)).toEqual([60, 600]);
});

test.each(["ndjson", "json"])(
  "a malformed record of %s is told in one line, and nothing is written",
  async (format) => {
    await using setup = await Setup.start();
    const records = ['{"key":"a","value":"1"}', '{"key":"b","value":2,"metadata":"SECRET"}'];
    const input = format === "json" ? `[${records.join(",")}]` : records.join("\n");
    const file = await setup.write("in", input);
    const { code, stderr, stdout } = await setup.run(["import", file, "-n", setup.server.namespaces[0]!.id, "-q"]);
    const place = format === "json" ? "record 2" : "line 2";
    expect(stderr).toBe(
      `kvplug: ${file}, ${place}: its value must be a string, not a number. Nothing was written; --keep-going skips such records.\n`,
    );
    expect([code, stdout, setup.server.requests.total]).toEqual([1, "", 0]);
  },
);

test("--keep-going leaves out what is malformed, says so, and ends with code 5", async () => {
  await using setup = await Setup.start();
  const input = '{"key":"a","value":"1"}\nnonsense\n{"key":"b","value":"2"}\n{"key":3}\n';
  const { code, stderr } = await setup.run("import - -n two --keep-going -q", input);
  expect(stderr).toMatch(
    /line 2: it is not JSON\. It was skipped\.\n.*line 4: A key must be a string.* It was skipped\.\n.*2 skipped as malformed\.\n$/,
  );
  expect(code).toBe(5);
  expect((await contentsOf(setup.two)).map(({ key }) => key)).toEqual(["a", "b"]);
});

test.each([
  ['{"key":"b","value":"","expiration_ttl":59}', /expiration_ttl must be at least 60 seconds/],
  ['{"key":"b","value":"","expiration_ttl":"60"}', /must be a whole number of seconds/],
  [`{"key":"b","value":"","expiration":${Date.now() + 1e9}}`, /looks like milliseconds/],
  [String.raw`{"key":"b","value":"\ud800"}`, /lone surrogate/],
  [`{"key":"b","value":"","metadata":"${"m".repeat(1023)}"}`, /Metadata may have up to/],
])("what the driver would refuse is found before anything is written: %s", async (record, says) => {
  await using setup = await Setup.start();
  const file = await setup.write("in.ndjson", `${recordsOf(10_001)}${record}\n${recordsOf(10_003).split("\n").at(-2)}`);
  const refused = await setup.run(["import", file, "-n", "one", "-q"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/line 10002: .* Nothing was written/) });
  expect(refused.stderr).toMatch(says);
  expect(await setup.one.list()).toMatchObject({ keys: [] });
  expect(await setup.run(["import", file, "-n", "one", "--keep-going", "-q"])).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/line 10002: .* It was skipped\.\n.*1 skipped as malformed\.\n$/),
  });
  expect((await setup.one.get("key:010002"))!).toBe("v10002");
});

test("a gzip that is cut off or damaged: one line, and nothing is written", async () => {
  await using setup = await Setup.start();
  const whole = gzipSync(recordsOf(5000));
  const id = setup.server.namespaces[0]!.id;
  const cut = await setup.write("cut.gz", whole.subarray(0, whole.length - 100));
  expect(await setup.run(["import", cut, "-n", id, "-q"])).toMatchObject({
    code: 1,
    stderr: `kvplug: ${cut} is cut off: its gzip data ends early.\n`,
  });
  const damaged = Buffer.from(whole);
  damaged.fill(0x55, 4000, 4100);
  const path = await setup.write("damaged.gz", damaged);
  const { code, stderr } = await setup.run(["import", path, "-n", id, "-q"]);
  expect(stderr).toMatch(/^kvplug: [^\n]+\n$/);
  expect([code, setup.server.requests.total]).toEqual([1, 0]);
});

test.skipIf(process.platform === "win32")(
  "no one else may read an export, nor does one go where a link leads",
  async () => {
    await using setup = await Setup.start();
    await setup.one.put("k", "secret");
    const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const out = setup.path("out.ndjson.gz");
    expect((await setup.run(["export", "-n", "one", "-o", out])).code).toBe(0);
    expect(await modeOf(out)).toBe("600");
    await chmod(out, 0o644);
    expect((await setup.run(["export", "-n", "one", "-o", out, "--force"])).code).toBe(0);
    expect(await modeOf(out)).toBe("600");

    const [link, elsewhere] = [setup.path("link.ndjson"), setup.path("elsewhere")];
    await symlink(elsewhere, link);
    for (const flags of [[], ["--resume"]]) {
      expect(await setup.run(["export", "-n", "one", "-o", link, ...flags])).toMatchObject({
        code: 1,
        stderr: `kvplug: ${link} is a broken link. Add --force to create the file.\n`,
      });
    }
    expect((await readdir(setup.folder)).toSorted()).toEqual(["link.ndjson", "out.ndjson.gz"]);
    expect((await setup.run(["export", "-n", "one", "-o", link, "--force"])).code).toBe(0);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await modeOf(elsewhere)).toBe("600");
    await writeFile(elsewhere, "theirs");
    expect(await setup.run(["export", "-n", "one", "-o", link])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("already exists"),
    });
    expect(await setup.read("elsewhere")).toBe("theirs");
  },
);
