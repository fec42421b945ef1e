import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { environment, MAIN, NODE_FLAGS } from "./kvplug.ts";
import { bulkWrites, killAndResume } from "./kill-and-resume.ts";
import { recordsIn, recordsOf, Setup } from "./setup.ts";
import { onTerminal } from "./terminal.ts";

const LONG = { timeout: 60_000 };

/** Writes the pairs of {@link recordsOf} into `one`. */
async function fill(setup: Setup, count: number): Promise<string> {
  const records = recordsOf(count);
  expect((await setup.run("import - -n one -q", records)).code).toBe(0);
  setup.server.requests.reset();
  return records;
}

test.each(["json", "ndjson.gz"])(
  "an export as %s that is killed and resumed is the same to the byte",
  LONG,
  async (format) => {
    await using setup = await Setup.start({ latency: [10, 30] });
    await fill(setup, 6500);
    const [whole, pieces] = [setup.path(`whole.${format}`), setup.path(`pieces.${format}`)];
    const [, kills] = await Promise.all([
      setup.run(["export", "-n", "one", "-o", whole, "-q"]),
      killAndResume(setup, ["export", "-n", "one", "-o", pieces, "-q"], () => setup.server.requests.total, 60),
    ]);
    expect(kills).toBeGreaterThan(0);
    const read = async (name: string): Promise<Buffer> => {
      const { readFile } = await import("node:fs/promises");
      const content = await readFile(name);
      return format.endsWith("gz") ? gunzipSync(content) : content;
    };
    expect((await read(pieces)).equals(await read(whole))).toBe(true);
    expect(await setup.run(["export", "-n", "one", "-o", pieces])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is there already"),
    });
  },
);

test("an import that is killed and resumed writes each page once, save what was under way", LONG, async () => {
  await using setup = await Setup.start({ latency: 60 });
  const records = recordsOf(55_000);
  const file = await setup.write("in.ndjson", records);
  const id = setup.server.namespaces[0]!.id;
  const kills = await killAndResume(setup, ["import", file, "-n", id, "-q"], () => setup.server.requests.total, 3);
  expect(kills).toBeGreaterThan(1);
  // Two pages are under way at once.
  expect(setup.server.requests.total).toBeLessThanOrEqual(6 + 2 * kills);
  expect(await recordsIn(setup.one)).toBe(records);
});

test(
  "Ctrl-C: what runs is finished, and the command that it tells writes the rest and nothing else",
  LONG,
  async () => {
    await using setup = await Setup.start({ latency: 100 });
    const records = recordsOf(50_000);
    const file = await setup.write("it's in.ndjson", records);
    const id = setup.server.namespaces[0]!.id;
    await using process = setup.start(["import", file, "-n", id, "--token=a-secret-token"]);
    while (setup.server.requests.total < 2) await setTimeout(2);
    process.signal("SIGINT");
    const { code, stderr } = await process.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/Stopped after [23]0,000 keys\. To go on: kvplug import .* --resume\n$/);
    expect(stderr).not.toContain("secret");
    const command = /To go on: kvplug (.*)\n/.exec(stderr)![1]!;
    const node = [globalThis.process.execPath, ...NODE_FLAGS, MAIN].join(" ");
    const { stderr: resumed } = await promisify(execFile)("sh", ["-c", `${node} ${command}`], {
      env: environment(setup.env),
    });
    expect(resumed).toContain("imported 50,000 keys");
    expect(setup.server.requests.total).toBe(5);
    expect(await recordsIn(setup.one)).toBe(records);
    const again = await setup.run(["import", file, "-n", id, "--resume"]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("There is nothing to resume") });
  },
);

test("what a killed run left out is still told by the one that goes on", LONG, async () => {
  await using setup = await Setup.start({ latency: 50 });
  const file = await setup.write("in.ndjson", `{"key":"no value"}\n${recordsOf(60_000)}{"key":"again"}\n`);
  const args = ["import", file, "-n", setup.server.namespaces[0]!.id, "-q", "--keep-going"];
  await using process = setup.start(args);
  // Two pages are under way, so that the first one is confirmed.
  while (bulkWrites(setup) < 4) await setTimeout(2);
  process.signal("SIGKILL");
  await process.ended;
  const { code, stderr } = await setup.run([...args, "--resume"]);
  const [noted, ended] = stderr.trim().split("\n");
  expect(noted).toContain("line 60002: it has no value. It is left out.");
  expect(ended).toBe("kvplug: 1 key left out by an earlier run; 1 left out for being malformed.");
  expect(code).toBe(5);
});

test("two imports of one file at once: each is done", LONG, async () => {
  await using setup = await Setup.start({ latency: [0, 20] });
  const file = await setup.write("in.ndjson", recordsOf(60_000));
  const args = ["import", file, "-n", "one", "-q"];
  const both = await Promise.all([setup.run(args), setup.run(args)]);
  const told = "kvplug: an earlier run stopped after";
  for (const { code, stderr } of both) expect([code, stderr.startsWith(told) ? "" : stderr]).toEqual([0, ""]);
});

test("SIGTERM is told apart, and an export goes on as well", LONG, async () => {
  await using setup = await Setup.start({ latency: 5 });
  const records = await fill(setup, 5000);
  const out = setup.path("out.ndjson");
  await using process = setup.start(["export", "-n", "one", "-o", out]);
  while (setup.server.requests.total < 20) await setTimeout(2);
  process.signal("SIGTERM");
  expect(await process.ended).toMatchObject({ code: 143, stderr: expect.stringContaining("--resume") });
  const begun = await setup.run(["export", "-n", "one", "-o", out]);
  expect(begun).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Go on with --resume, or start anew with --force"),
  });
  expect((await setup.run(["export", "-n", "one", "-o", out, "--resume"])).code).toBe(0);
  expect(await setup.read("out.ndjson")).toBe(records);
});

test("a server that fails one request in twenty loses nothing", LONG, async () => {
  await using setup = await Setup.start({ faults: { errors: 0.03, drops: 0.02, unsuccessfulKeys: 0.001 }, seed: 3 });
  const records = recordsOf(12_000);
  expect(await setup.run("import - -n one -q", records)).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout } = await setup.run("export -n one -q");
  expect(code).toBe(0);
  expect(stdout).toBe(records);
});

test.each(["", " --keep-going"])(
  "import%s: a server that is gone stops it, nothing counts as done, and the rest is resumed",
  LONG,
  async (flag) => {
    await using setup = await Setup.start({ latency: 100 });
    const file = await setup.write("in.ndjson", recordsOf(60_000));
    const [{ id }, { port }] = [setup.server.namespaces[0]!, new URL(setup.server.url)];
    const command = `import ${file} -n ${id} -q${flag}`;
    await using process = setup.start(command);
    while (bulkWrites(setup) < 2) await setTimeout(2);
    await setup.server.close();
    const { code, stderr } = await process.ended;
    expect(stderr).toMatch(/^kvplug: .*ECONNREFUSED.* To go on: kvplug import .*--resume\n$/);
    expect(code).toBe(1);
    await using again = await Setup.start({ namespaces: [{ title: "one", id }], port: Number(port) });
    const rest = await again.run(`${command} --resume`, "", setup.env);
    expect([rest.code, rest.stderr]).toEqual([0, ""]);
    expect(bulkWrites(again)).toBeGreaterThanOrEqual(6 - bulkWrites(setup));
  },
);

test("a full disk and a closed pipe: one line, or none, and the code", LONG, async () => {
  await using setup = await Setup.start();
  await fill(setup, 12_000);
  const full = await setup.run("export -n one -o /dev/full -q");
  expect(full).toMatchObject({
    code: 1,
    stderr: "kvplug: Writing /dev/full failed: write: no space left on device.\n",
  });
  const sh = (script: string): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)("bash", ["-c", script], { env: environment(setup.env) });
  const command = [process.execPath, ...NODE_FLAGS, MAIN].join(" ");
  const piped = await sh(`${command} export -n one -q > /dev/full; echo $?`);
  expect(piped).toEqual({
    stdout: "1\n",
    stderr: "kvplug: Writing to stdout failed: write: no space left on device\n",
  });
  setup.server.requests.reset();
  const closed = await sh(`${command} ls -n one | head -1; echo "\${PIPESTATUS[0]}"`);
  expect(closed).toEqual({ stdout: "key:000000\n141\n", stderr: "" });
  // However late head comes: a pipe holds 64 KiB, which is less than six pages, and there are twelve.
  expect(setup.server.requests.total).toBeLessThan(10);
});

test("on a terminal: a bar that says what it waits for, and Ctrl-C", LONG, async () => {
  await using setup = await Setup.start();
  await fill(setup, 4000);
  const out = setup.path("out.ndjson");
  using terminal = onTerminal(["export", "-n", "one", "-o", out, "--rate-limit", "10/2"], setup.env);
  await terminal.showed(/export .*keys.*keys\/s, \d+ of 10 requests left: (waiting|slowed down).* budget/);
  terminal.type("\u0003");
  expect(await terminal.ended).toEqual({ code: 130 });
  expect(terminal.shown).toMatch(/Stopped after [\d,]+ keys\. To go on: kvplug export .*--resume/);
  using rest = onTerminal(["export", "-n", "one", "-o", out, "--resume"], setup.env);
  expect(await rest.ended).toEqual({ code: 0 });
  expect(rest.shown).toMatch(/exported 4,000 keys \([\d.]+ kB\) to /);
});

test("on a narrow terminal, no line is cut off, and the terminal stays as it was", LONG, async () => {
  await using setup = await Setup.start({ latency: 300, rateLimit: { requests: 1200, window: 300_000 } });
  const columns = 60;
  const file = await setup.write("in.ndjson", '{"key":"no value"}\n' + recordsOf(60_000));
  using terminal = onTerminal(["import", file, "-n", "one", "--keep-going"], setup.env, columns);
  await terminal.showed(/import \d+ % [\d,]+ keys, [\d.]+ s left/);
  terminal.type("\u0003");
  expect(await terminal.ended).toEqual({ code: 130 });
  const parts = terminal.shown.split("\u001b[").map((part) => part.replace(/^[\d;]*[A-Z]/, ""));
  const drawn = parts.filter((part) => part.startsWith("import"));
  expect(drawn.length).toBeGreaterThan(0);
  for (const line of drawn) expect(line.length).toBeLessThan(columns);
  // No mode of the terminal is changed: a process that is killed leaves none without a cursor.
  expect(terminal.shown).not.toContain("\u001b[?");
});

test("where there is no terminal: plain lines; a budget is kept to", LONG, async () => {
  await using setup = await Setup.start({ rateLimit: { requests: 20, window: 1500 } });
  const records = await fill(setup, 4000);
  const { code, stderr, stdout } = await setup.run("export -n one --rate-limit 20/2");
  expect([code, stdout]).toEqual([0, records]);
  expect(stderr).toMatch(
    /^kvplug export: .* keys, .*(waiting|slowed down).*\n(.*\n)*kvplug export: exported 4,000 keys/,
  );
  expect(stderr).not.toContain("\u001b");
});
