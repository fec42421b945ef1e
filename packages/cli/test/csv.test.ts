import { expect, test } from "vitest";
import { contentsOf, keysIn, Setup } from "./setup.ts";

/** What a spreadsheet makes hard: the signs of CSV itself, ends of lines, spaces, bytes. */
const HARD: [key: string, value: string | Uint8Array, options?: object][] = [
  [" spaces ", "  both ends  "],
  ['"quoted"', 'a "quoted" word, and a comma'],
  ["=1+1", "=HYPERLINK()"],
  ["bytes", Uint8Array.from({ length: 256 }, (_, byte) => byte)],
  ["empty", ""],
  ["lines", "one\ntwo\r\nthree\rfour\n"],
  ["mark", "\ufeffwith a byte order mark"],
  ["ü☃", "日本", { metadata: { note: 'a "quoted", one\n' }, expiration: 4_000_000_000 }],
];

test("a namespace comes back from CSV as it was", async () => {
  await using setup = await Setup.start();
  for (const [key, value, options] of HARD) await setup.one.put(key, value, options);
  for (const name of ["all.csv", "all.csv.gz"]) {
    expect((await setup.run(["export", "-n", "one", "-o", setup.path(name), "-q"])).code).toBe(0);
    await setup.run("purge -n two --yes -q");
    expect(await setup.run(["import", setup.path(name), "-n", "two"])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`imported ${HARD.length} keys`),
    });
    expect(await contentsOf(setup.two)).toEqual(await contentsOf(setup.one));
  }
  expect(await setup.read("all.csv")).toContain('\nü☃,日本,,"{""note"":""a \\""quoted\\"", one\\n""}",4000000000\n');
});

test("an empty namespace is a line of columns, to stdout as well", async () => {
  await using setup = await Setup.start();
  const { stdout } = await setup.run("export -n one --format csv -q");
  expect(stdout).toBe("key,value,base64,metadata,expiration\n");
  expect(await setup.run("import - -n two -q", stdout)).toMatchObject({ code: 0, stderr: "" });
  expect(await keysIn(setup.two)).toEqual([]);
});

test("import takes what a spreadsheet writes, whatever the file is called", async () => {
  await using setup = await Setup.start();
  const written = '\ufeffvalue,"key",metadata\r\n1,a,\r\n\r\n"two ""2""",b,"{""n"":1}"\r\n';
  expect((await setup.run(["import", await setup.write("sheet", written), "-n", "one", "-q"])).code).toBe(0);
  expect(await contentsOf(setup.one)).toEqual([
    { key: "a", value: "1" },
    { key: "b", value: 'two "2"', metadata: { n: 1 } },
  ]);
});

test.each([
  ["key,value\na,1,SECRET\n", "line 2: it has 3 cells, but the first line has 2 columns. Nothing was written"],
  ["key,value,metadata\na,1,\nb,2,{SECRET\n", "line 3: its metadata is not JSON. Nothing was written"],
  ["key,value,expiration\na,1,soon\n", 'line 2: expiration of "a" must be a whole number of seconds'],
  ["key,value,base64\na,1,yes\n", "line 2: its base64 must be true or false"],
  ["key,value\n,1\n", "line 2: A key must have at least 1 byte"],
  ["key,value,ttl\na,1,60\n", 'line 1: there is no column "ttl". Columns are key, value, base64'],
  ['key,value\na,SECRET "quoted"\n', "line 2: it is not CSV"],
  ['key,value\na,"SECRET\n', "it is not CSV"],
  [Buffer.from("key,value\na,\u00ff\n", "latin1"), "is not UTF-8"],
])("%j is told with its place, and never with a value", async (content, says) => {
  await using setup = await Setup.start();
  const file = await setup.write("in.csv", content);
  const ended = await setup.run(["import", file, "-n", "one", "-q"]);
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(says) });
  expect(ended.stderr).not.toContain("SECRET");
  expect(await keysIn(setup.one)).toEqual([]);
});

test("--keep-going leaves out what is malformed", async () => {
  await using setup = await Setup.start();
  const file = await setup.write("in.csv", "key,value,metadata\na,1,\nb,2\nc,3,{\nd,4,\n");
  expect((await setup.run(["import", file, "-n", "one", "-q", "--keep-going"])).code).toBe(5);
  expect(await keysIn(setup.one)).toEqual(["a", "d"]);
});
