import { expect, test, vi } from "vitest";
import { BULK_WRITE, recordsOf, Setup } from "./setup.ts";

test("Ctrl-C while writes get no answer: it ends when its patience does, and tells what is not confirmed", async () => {
  await using setup = await Setup.start();
  const relay = await setup.relay(BULK_WRITE);
  const file = await setup.write("in.ndjson", recordsOf(30_001));
  relay.keep((nth) => nth > 0);
  await using command = setup.start(["import", file, "-n", "one"]);
  await relay.keeping(2);
  // The seconds of its patience pass at once, and nothing else does.
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  command.signal("SIGINT");
  vi.advanceTimersByTime(5000);
  const { code, stderr } = await command.ended;
  vi.useRealTimers();
  expect(stderr).toMatch(
    /Stopped after 10,000 keys\. 20,000 keys are not confirmed and may still take effect\. To continue: /,
  );
  expect(code).toBe(130);
  relay.release();
  expect((await setup.run(["import", file, "-n", "one", "--resume"])).stderr).toContain("imported 30,001 keys");
});

test.each([
  ["put k v", /^PUT .*\/values\/k/, 'The write of "k"'],
  ["delete -n one k", /^DELETE .*\/values\/k/, "The deletion"],
  ["delete -n one k l", /^POST .*\/bulk\/delete/, "The deletion"],
])("a signal during an unanswered %s ends it at once", async (args, about, what) => {
  await using setup = await Setup.start();
  const relay = await setup.relay(about);
  relay.keep(() => true);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    await using command = setup.start(args, "", { CLOUDFLARE_KV_NAMESPACE_ID: "one" });
    await relay.keeping();
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    command.signal(signal);
    const ended = await command.ended;
    vi.useRealTimers();
    expect(ended).toMatchObject({
      code,
      stderr: `kvplug: Stopped. ${what} is not confirmed; it may still take effect.\n`,
    });
    relay.keep(() => true);
  }
});
