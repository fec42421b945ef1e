import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";
import { environment } from "./process.ts";
import { Setup } from "./setup.ts";

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
