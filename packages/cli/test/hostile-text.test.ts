import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createProgram } from "../src/program.ts";
import { run } from "../src/run.ts";
import { contextOf, kvplug } from "./command.ts";
import { Setup } from "./setup.ts";

/** What a terminal obeys: a title, colours, 8-bit CSI, backspaces, another direction, and a forged line. */
const HOSTILE = "\u001b]0;owned\u0007\u001b[31m\u009b2J\u007f\b\u0085\u202egnp\u2066\u200f\r\nkvplug: forged\u2028";

/** All that a terminal obeys, but for the line breaks and tabs that lay out text. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/** Runs a command whose output goes to a terminal. */
async function onScreen(args: readonly string[], env: Record<string, string>): Promise<{ code: number; text: string }> {
  const context = contextOf(args, env);
  // Stderr gets what it gets elsewhere, without a progress bar, which moves the cursor.
  Object.assign(context.stdout, { isTTY: true, columns: 80 });
  context.stdin.end();
  const code = await run(context);
  return { code, text: context.stdout.text + context.stderr.text };
}

function expectHarmless(text: string, what: string): void {
  expect(text.replaceAll(/\r?\n/g, ""), what).not.toMatch(OBEYED);
  if (!what.startsWith('["get"')) expect(text, what).not.toMatch(/^kvplug: forged/m);
}

/** A server that answers all it is asked with this. */
async function answering(status: number, body: unknown): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("no command prints what a terminal obeys, whatever names, titles, values and metadata hold", async () => {
  await using setup = await Setup.start({ namespaces: ["one", "two", HOSTILE] });
  const metadata = { [HOSTILE]: HOSTILE };
  await setup.one.put(HOSTILE, HOSTILE, { metadata });
  await setup.one.put("json", JSON.stringify({ [HOSTILE]: HOSTILE }), { metadata });
  await setup.one.put("bytes", Uint8Array.of(0x1b, 0x5b, 0xff, 0x9b));
  await setup.two.put("other", "");
  const records = await setup.write("in.ndjson", JSON.stringify({ key: HOSTILE, value: 5, [HOSTILE]: 1 }));
  const keys = await setup.write("keys", `${HOSTILE.replaceAll("\n", "").repeat(30)}\n`);
  const folder = setup.path(`gateway ${HOSTILE.replaceAll("/", "")}`);
  const database = new DatabaseSync(setup.path("keyv.sqlite"));
  database.exec("CREATE TABLE other (a)");
  database.close();
  const commands: [code: number, ...args: string[]][] = [
    [0, "ls", "-n", "one"],
    [0, "ls", "-l", "-n", "one"],
    [0, "ls", "--json", "-n", "one"],
    [0, "ls", "-0", "-n", "one"],
    [0, "get", "-n", "one", HOSTILE],
    [0, "get", "-n", "one", "--type", "text", HOSTILE],
    [1, "get", "-n", "one", "--type", "json", HOSTILE],
    [0, "get", "-n", "one", "--json", HOSTILE, "bytes"],
    [0, "get", "-n", "one", "--type", "json", "json"],
    [1, "get", "-n", "one", "bytes"],
    [1, "get", "-n", "one", "--type", "bytes", "bytes"],
    [3, "get", "-n", "one", `${HOSTILE}no`],
    [4, "get", "-n", HOSTILE.slice(1), "k"],
    [4, "get", "-n", "one", "--profile", HOSTILE, "k"],
    [0, "stat", "-n", "one", HOSTILE, "json", "bytes"],
    [0, "stat", "-n", "one", "--json", HOSTILE],
    [0, "meta", "-n", "one", HOSTILE],
    [1, "put", "-n", "one", HOSTILE.repeat(30), "v"],
    [1, "put", "-n", "one", HOSTILE, "v", "--type", "json"],
    [2, "delete", "-n", "one", HOSTILE, `--token=${HOSTILE}`],
    [0, "ns", "list"],
    [0, "ns", "list", "--json"],
    [1, "ns", "create", HOSTILE],
    [4, "ns", "find", `${HOSTILE}no`],
    [2, "ns", "delete", HOSTILE],
    [0, "export", "-n", "one", "-q"],
    [2, "export", "-n", "one", "--gzip"],
    [1, "export", "-n", "one", "-o", setup.path(`${HOSTILE}/out`)],
    [1, "import", "-n", "one", records],
    [5, "import", "-n", "one", records, "--keep-going"],
    [5, "import", "-n", "one", records, "--keep-going", "--json"],
    [1, "import", "-n", "one", HOSTILE],
    [3, "diff", "one", "two"],
    [3, "diff", "one", "two", "--json"],
    [2, "copy", HOSTILE, HOSTILE],
    [2, "copy", HOSTILE, HOSTILE, "--map-prefix", `${HOSTILE}=b`],
    [0, "copy", "two", HOSTILE],
    [2, "purge", "-n", "one", "--prefix", HOSTILE],
    [1, "purge", "-n", "one", "--keys", keys, "--yes"],
    [1, "migrate", "--from", `sqlite://${setup.path("keyv.sqlite")}?table=other`, "--to", "one"],
    [2, "migrate", "--from", `${HOSTILE}://`, "--to", "one"],
    [4, "doctor", "-n", `${HOSTILE}no`],
    [0, "doctor", "-n", HOSTILE],
    [0, "gateway", "init", folder, "-n", HOSTILE],
    [2, "proxy", "--cache", HOSTILE],
    [1, "proxy", "--host", HOSTILE],
    [127, "run", HOSTILE],
    [2, HOSTILE],
    [2, "help", HOSTILE],
    [2, "ls", `--${HOSTILE}`],
    [
      0,
      "top",
      await answering(200, { [HOSTILE]: { [HOSTILE]: 1, [`${HOSTILE}.hits`]: 5, hits: 3 } }),
      "--count",
      "1",
      "--json",
    ],
  ];
  // What completes prints names of commands and flags alone.
  const tested = new Set([...commands.map(([, name]) => name), "serve", "ui", "completion", "complete"]);
  const all = createProgram(contextOf([])).commands.map((command) => command.name());
  expect(all.filter((name) => !tested.has(name))).toEqual([]);
  for (const [code, ...args] of commands) {
    const ended = await onScreen(args, setup.env);
    const what = JSON.stringify(args);
    expectHarmless(ended.text, what);
    expect(ended.text, what).not.toBe("");
    expect([ended.code, what, ended.text]).toEqual([code, what, ended.text]);
  }
});

test("nor where the API itself is hostile, in messages, pages and ids", async () => {
  const error = { success: false, result: null, errors: [{ code: 10001, message: HOSTILE }], messages: [] };
  const namespaces = { success: true, errors: [], messages: [], result: [{ id: HOSTILE, title: HOSTILE }] };
  const keys = { success: true, errors: [], messages: [], result: [{ name: HOSTILE }], result_info: { cursor: "" } };
  const cases: [status: number, body: unknown, args: string][] = [
    [400, error, "get k"],
    [400, error, "ls"],
    [400, error, "stat k"],
    [400, error, "delete k"],
    [400, error, "put k v"],
    [400, error, "export"],
    [400, error, "doctor"],
    [403, error, "ls"],
    [200, namespaces, "ns list"],
    [200, namespaces, "doctor"],
    [200, keys, "ls"],
  ];
  for (const [status, body, args] of cases) {
    const url = await answering(status, body);
    const env = {
      CLOUDFLARE_API_BASE_URL: url,
      CLOUDFLARE_ACCOUNT_ID: "a",
      CLOUDFLARE_API_TOKEN: "t",
      CLOUDFLARE_KV_NAMESPACE_ID: "0".repeat(32),
    };
    const { text } = await onScreen(args.split(" "), env);
    expectHarmless(text, `${args}: ${status}`);
    if (args !== "doctor" && status !== 403) expect(text, args).toContain("owned");
  }
});

test("top on a terminal, what serve prints to be pasted, and what ui says it shows", async () => {
  const url = await answering(200, { [HOSTILE]: 1 });
  const { text } = await onScreen(["top", url, "--count", "1"], {});
  expect(text).toContain("owned");
  // What moves the cursor is of the display itself.
  expectHarmless(text.replaceAll("\u001b[", ""), "top");
  await using served = kvplug(["serve", "--port", "0", "--namespace", `${HOSTILE}=n`]);
  await served.stdout.said(/Ctrl-C stops it/);
  expectHarmless(served.stdout.text, "serve");
  expect(served.stdout.text.match(/^ {2}export /gm)).toHaveLength(4);
  const env = { CLOUDFLARE_ACCOUNT_ID: HOSTILE, CLOUDFLARE_API_TOKEN: "t" };
  await using shown = kvplug(["ui"], env);
  await shown.stdout.said(/Ctrl-C stops it/);
  expectHarmless(shown.stdout.text, "ui");
  expect(shown.stdout.text).toContain("owned");
});

test("in a pipe, a value is exact; on a terminal it says how to get it", async () => {
  await using setup = await Setup.start();
  await setup.one.put("k", HOSTILE);
  await setup.one.put(HOSTILE, "");
  expect((await setup.run("get k -n one")).bytes).toEqual(Buffer.from(HOSTILE));
  expect((await setup.run("ls -0 -n one")).bytes).toEqual(Buffer.from(`${HOSTILE}\0k\0`));
  const { text } = await onScreen(["get", "-n", "one", "k"], setup.env);
  expect(text).toMatch(
    /^\\u001b\]0;owned.*The value of "k" contains control characters, shown as escapes\. --raw prints them\.\n$/s,
  );
  const raw = await onScreen(["get", "-n", "one", "k", "--raw"], setup.env);
  expect(raw).toEqual({ code: 0, text: HOSTILE });
  const { stdout } = await setup.run("get k -n one --json");
  expect(JSON.parse(stdout)).toEqual({ key: "k", value: HOSTILE });
});
