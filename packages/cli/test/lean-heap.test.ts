import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { environment, MAIN } from "./kvplug.ts";
import { Setup } from "./setup.ts";

test("a command that begins again with a smaller heap keeps its arguments and its environment", async () => {
  await using setup = await Setup.start();
  await setup.one.put("a key", "v");
  // Without the flag of a heap that all other tests give, which spares them this.
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [MAIN, "export", "-n", "one", "-q", "--prefix", "a k"],
    { env: environment(setup.env) },
  );
  expect([stdout, stderr]).toEqual(['{"key":"a key","value":"v"}\n', ""]);
});
