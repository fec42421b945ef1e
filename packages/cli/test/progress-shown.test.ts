import { expect, test } from "vitest";
import { BULK_WRITE, fill, recordsOf, Setup } from "./setup.ts";
import { onTerminal } from "./terminal.ts";

/** Nobody waits for as long as such a budget makes one wait. */
const LITTLE = ["--rate-limit", "5/3600"];

test("on a terminal: a bar that says what it waits for, and Ctrl-C", async () => {
  await using setup = await Setup.start();
  await fill(setup, 600);
  const out = setup.path("out.ndjson");
  using terminal = await onTerminal(["export", "-n", "one", "-o", out, ...LITTLE], setup.env);
  await terminal.showed(/export .*keys.*keys\/s, \d+ of 5 requests left: (waiting|slowed down).* budget/);
  terminal.type("\u0003");
  expect(await terminal.ended).toEqual({ code: 130 });
  expect(terminal.shown).toMatch(/Stopped after [\d,]+ keys\. To continue: kvplug export .*--resume/);
  using rest = await onTerminal(["export", "-n", "one", "-o", out, "--resume"], setup.env);
  expect(await rest.ended).toEqual({ code: 0 });
  expect(rest.shown).toMatch(/exported 600 keys \([\d.]+ kB\) to /);
});

test("on a narrow terminal, no line is cut off, and the terminal stays as it was", async () => {
  await using setup = await Setup.start({ rateLimit: { requests: 1200, window: 300_000 } });
  const relay = await setup.relay(BULK_WRITE);
  relay.keep((nth) => nth >= 1);
  const columns = 60;
  const file = await setup.write("in.ndjson", '{"key":"no value"}\n' + recordsOf(30_000));
  using terminal = await onTerminal(["import", file, "-n", "one", "--keep-going"], setup.env, columns);
  await terminal.showed(/import \d+ % [\d,]+ keys, (\d+ (h|min) )*[\d.]+ s left/);
  terminal.type("\u0003");
  await terminal.showed(/Stopping: waiting for running requests/);
  relay.release();
  expect(await terminal.ended).toEqual({ code: 130 });
  const parts = terminal.shown.split("\u001b[").map((part) => part.replace(/^[\d;]*[A-Z]/, ""));
  const drawn = parts.filter((part) => part.startsWith("import"));
  expect(drawn.length).toBeGreaterThan(0);
  for (const line of drawn) expect(line.length).toBeLessThan(columns);
  // No mode of the terminal is changed: a process that is killed leaves none without a cursor.
  expect(terminal.shown).not.toContain("\u001b[?");
});

test("where there is no terminal: plain lines, which say what is waited for", async () => {
  await using setup = await Setup.start();
  await fill(setup, 600);
  await using command = setup.start(["export", "-n", "one", ...LITTLE]);
  await command.stderr.said(/^kvplug export: .* keys, .*(waiting|slowed down).*\n/);
  command.signal("SIGINT");
  const { code, stderr } = await command.ended;
  expect(code).toBe(130);
  expect(stderr).not.toContain("\u001b");
});

test("a budget is kept to", async () => {
  await using setup = await Setup.start({ rateLimit: { requests: 20, window: 750 } });
  const records = await fill(setup, 4000);
  const { code, stderr, stdout } = await setup.run("export -n one --rate-limit 20/1");
  expect([code, stdout]).toEqual([0, records]);
  expect(stderr).toMatch(/^(kvplug export: .* keys, .*\n)*kvplug export: exported 4,000 keys/);
  expect(stderr).not.toContain("\u001b");
});
