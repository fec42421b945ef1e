import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { kvplug } from "./command.ts";

/** Wrong command lines, and the one line that each is answered with. */
const WRONG: [args: string, line: RegExp][] = [
  ["srve", /unknown command 'srve' \(Did you mean serve\?\)/],
  ["serve --prt 1", /unknown option '--prt' \(Did you mean --port\?\)/],
  ["serve --tokne=SECRET", /unknown option '--tokne=…'/],
  ["serve here", /too many arguments for 'serve'/],
  ["serve --port", /'--port <number>' argument missing/],
  ["serve --port 65536", /A port is a whole number, 0 to 65535\./],
  ["serve --port 0x50", /A port is a whole number, 0 to 65535\./],
  ["serve --namespace =id", /It must be a title, such as sessions/],
  ["serve --namespace title=", /It must be a title, such as sessions/],
  ["gateway init -n sessions=0f2a…", /An id is 1 to 32 letters, digits, - or _/],
  ["serve --latency 200-20", /It must be milliseconds, such as 50/],
  ["serve --latency 1-2-3", /It must be milliseconds, such as 50/],
  ["serve --rate-limit 1200", /It must be requests and seconds, both above 0, such as 1200\/300\./],
  ["serve --rate-limit 0/300", /It must be requests and seconds, both above 0, such as 1200\/300\./],
  ["serve --write-limit=2", /unknown option '--write-limit=…'/],
  ["serve --faults errors=1.1", /Kinds are errors, drops, html, unsuccessful-keys\./],
  ["serve --faults fires=0.1", /Kinds are errors, drops, html, unsuccessful-keys\./],
  ["serve --faults errors", /Kinds are errors, drops, html, unsuccessful-keys\./],
  ["serve --eventual -1", /It must be whole milliseconds, such as 250\./],
  ["serve --seed 1.5", /A seed is a whole number, such as 7\./],
];

test.concurrent.each(WRONG)("kvplug %s: one line, code 2", async (args, line) => {
  await using process = kvplug(args.split(" "));
  const { code, stderr, stdout } = await process.ended;
  expect(stderr).toMatch(line);
  expect(stderr).toMatch(/^kvplug: [^\n]+\n$/);
  expect(stderr).not.toContain("SECRET");
  expect([code, stdout]).toEqual([2, ""]);
});

/** What the server refuses. */
const REFUSED: [args: string, line: RegExp][] = [
  ["serve --host 0.0.0.0", /Set a token to listen on 0\.0\.0\.0.*Set KVPLUG_TOKEN or add --token/],
  ["serve --host ::", /Set a token to listen on ::/],
  ["serve --token=", /token must be a non-empty string/],
  ["serve --account a/b", /account must be 1 to 32 letters/],
  ["serve --faults errors=.6,drops=.6", /must add up to at most 1/],
  ["serve --data /dev/null/kv.sqlite", /\/dev\/null\/kv\.sqlite.*cannot be opened/],
  // An address of documentation, which no machine has.
  ["serve --host 192.0.2.1 --token t", /192\.0\.2\.1 is not an address of this machine/],
];

test.concurrent.each(REFUSED)("kvplug %s: one line, code 1", async (args, line) => {
  await using process = kvplug([...args.split(" "), "--port", "0"]);
  const { code, stderr, stdout } = await process.ended;
  expect(stderr).toMatch(line);
  expect(stderr).toMatch(/^kvplug: [^\n]+\n$/);
  expect([code, stdout]).toEqual([1, ""]);
});

test("a variable that is set and empty is no token", async () => {
  await using process = kvplug(["serve", "--port", "0"], { KVPLUG_TOKEN: "" });
  expect(await process.ended).toMatchObject({ code: 1, stderr: "kvplug: token must be a non-empty string.\n" });
});

test("a busy port: one line, code 1", async () => {
  const busy = createServer().listen(0, "127.0.0.1");
  await once(busy, "listening");
  onTestFinished(() => void busy.close());
  const { port } = busy.address() as AddressInfo;
  await using process = kvplug(["serve", "--port", String(port)]);
  expect(await process.ended).toMatchObject({
    code: 1,
    stdout: "",
    stderr: `kvplug: port ${port} of 127.0.0.1 is in use. Choose another with --port, or any free one with --port 0.\n`,
  });
});

test("--help and --version end with code 0", async () => {
  const ask = async (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    await using process = kvplug(args);
    return await process.ended;
  };
  const [help, serveHelp, version, nothing] = await Promise.all([
    ask("--help"),
    ask("serve", "--help"),
    ask("--version"),
    ask(),
  ]);
  expect(help).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/serve.*Exit codes/s) });
  expect(serveHelp).toMatchObject({ code: 0, stderr: "" });
  const flags = [...serveHelp.stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
  expect(flags.join(" ")).toBe(
    "--port --host --data --token --account --namespace --latency --rate-limit --write-limit --faults --eventual --seed",
  );
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect(nothing).toMatchObject({ code: 2, stdout: "", stderr: help.stdout });
});
