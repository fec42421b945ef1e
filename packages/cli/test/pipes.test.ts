import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { openText } from "../src/bulk/formats/text.ts";
import { commandLine, environment } from "./process.ts";
import { recordsOf, Setup } from "./setup.ts";

test.each([
  ["\ufeff{}", "{}", false],
  [" \n[1]", " \n[1]", true],
  ["name\0other\0", "name\0other\0", false],
])("what %j begins with is seen, however small the pieces of a pipe are", async (content, start, isArray) => {
  const pipe = {
    async *chunks() {
      for (const byte of Buffer.from(content)) yield Buffer.of(byte);
    },
  };
  const opened = await openText(pipe);
  expect([opened.start.toString(), opened.isArray]).toEqual([start, isArray]);
});

test("an array begins behind any white space", async () => {
  const pipe = {
    async *chunks() {
      for (let i = 0; i < 3; i++) yield Buffer.alloc(1 << 16, " ");
      yield Buffer.from("[]");
    },
  };
  expect((await openText(pipe)).isArray).toBe(true);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s stops an import whose pipe has nothing to say, and tells what was left out", async (signal, code) => {
  await using setup = await Setup.start();
  await using process = await setup.spawn("import - -n one --keep-going");
  process.stdin.write(`nonsense\n${recordsOf(10_001)}`);
  await process.stderr.said(/^kvplug import: 9,999 keys/m);
  process.signal(signal);
  const { stderr, ...ended } = await process.ended;
  expect(ended).toMatchObject({ code, signal: null });
  expect(stderr).toMatch(/kvplug: Stopped after 9,999 keys\. 1 skipped as malformed\.\n$/);
});

test("a full disk and a closed pipe: one line, or none, and the code", async () => {
  await using setup = await Setup.start();
  const name = "a name of a hundred bytes".padEnd(90, ".");
  for (let i = 0; i < 3000; i++) await setup.one.put(`key:${String(i).padStart(6, "0")} ${name}`, "");
  const full = await setup.run("export -n one -o /dev/full -q");
  expect(full).toMatchObject({
    code: 1,
    stderr: "kvplug: Writing /dev/full failed: write: no space left on device.\n",
  });
  const sh = (script: string): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)("bash", ["-c", script], { env: environment(setup.env) });
  const command = (await commandLine()).join(" ");
  const piped = await sh(`${command} export -n one -q > /dev/full; echo $?`);
  expect(piped).toEqual({
    stdout: "1\n",
    stderr: "kvplug: Writing to stdout failed: write: no space left on device\n",
  });
  setup.server.requests.reset();
  const closed = await sh(`${command} ls -n one | head -1; echo "\${PIPESTATUS[0]}"`);
  expect(closed).toEqual({ stdout: `key:000000 ${name}\n141\n`, stderr: "" });
  // However late head comes: a pipe holds 64 KiB, which is less than a page, and there are three.
  expect(setup.server.requests.total).toBeLessThan(1 + 3);
});

test("a checkpoint that is damaged is told in one line", async () => {
  await using setup = await Setup.start();
  const subject = {
    work: "export",
    namespace: setup.server.namespaces[0]!.id,
    prefix: "",
    format: "ndjson",
    gzip: false,
  };
  for (const content of ["", "null", '{"version":1,"subject":null,"state":{}}', { version: 1, subject, state: null }]) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await setup.write("out.ndjson.kvplug-checkpoint", text);
    expect(await setup.run(["export", "-n", "one", "-o", setup.path("out.ndjson"), "--resume"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^kvplug: \S+ is not a checkpoint of this kvplug version\. Delete it to start over\.\n$/,
      ),
    });
  }
});

test("where no checkpoint can be written, it is told what to do", async () => {
  await using setup = await Setup.start();
  const file = await setup.write("in.ndjson", recordsOf(1));
  const { code, stderr } = await setup.run(["import", file, "-n", "one"], "", { XDG_STATE_HOME: file });
  expect([code, stderr]).toEqual([
    1,
    `kvplug: No checkpoint can be written: ${file}/kvplug: not a directory. Set another folder with XDG_STATE_HOME.\n`,
  ]);
});

test("what nobody hears on stderr stops no work", async () => {
  await using setup = await Setup.start();
  const file = await setup.write("in.ndjson", recordsOf(20_001));
  const [node, ...rest] = await commandLine();
  const args = [...rest, "import", file, "-n", "one"];
  const child = spawn(node, args, { env: environment(setup.env), stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.destroy();
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await setup.one.get("key:020000")).toBe("v20000");
});
