import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bundle, isBuilt } from "./bundle.ts";
import { commandLine, environment } from "./process.ts";
import { Setup } from "./setup.ts";

const SOURCE = join(import.meta.dirname, "..", "src", "main.ts");

test.runIf(!isBuilt)("the sources are a command, as in the clone", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SOURCE, "--version"], { env: environment() });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  await expect(promisify(execFile)(process.execPath, [SOURCE, "srve"], { env: environment() })).rejects.toMatchObject({
    code: 2,
    stdout: "",
    stderr: "kvplug: unknown command 'srve' (Did you mean serve?)\n",
  });
});

test("a process reads stdin and its variables, and ends with the code of its command", async () => {
  await using setup = await Setup.start();
  await using put = await setup.spawn("put key -n one");
  put.stdin.end("a value");
  expect(await put.ended).toMatchObject({ code: 0, stdout: "", stderr: "" });
  await using get = await setup.spawn("get key none -n one");
  expect(await get.ended).toMatchObject({ code: 3, stdout: "a value", stderr: 'kvplug: There is no key "none".\n' });
});

/** Runs a script of the shell in which `"$@"` is `kvplug`, started as its users start it. */
async function inShell(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = ["-c", script, "sh", process.execPath, await bundle()];
  const { stderr } = await promisify(execFile)("sh", args, { env: environment(env) });
  return stderr;
}

test("a command that begins again finds its variables and its stdin", async () => {
  await using setup = await Setup.start();
  const script = `echo '{"key":"a","value":"1"}' | "$@" import - -n one`;
  expect(await inShell(script, setup.env)).toContain("imported 1 key");
  expect(await setup.one.get("a")).toBe("1");
});

test("a file that is open already is read, as of a shell's <(…)", async () => {
  await using setup = await Setup.start();
  const file = await setup.write("in.ndjson", '{"key":"a","value":"1"}\n');
  expect(await inShell(`"$@" import /dev/fd/3 -n one 3<'${file}'`, setup.env)).toContain("imported 1 key");
});

test("nobody reads what is printed: nothing is said about it", async () => {
  const [node, ...rest] = await commandLine();
  for (const args of [["--help"], ["help", "ns"], ["completion", "bash"], [], ["get"]]) {
    const child = spawn(node, [...rest, ...args], { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    const said = await text(child.stderr);
    expect(said, args.join(" ")).toMatch(/^(|kvplug: [^\n]+\n|Usage: .*)$/s);
    expect(said).not.toMatch(/EPIPE|^ +at /m);
  }
});
