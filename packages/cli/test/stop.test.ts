import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { commandLine, environment } from "./process.ts";
import { BULK_WRITE, fill, recordsIn, recordsOf, Setup } from "./setup.ts";

test("Ctrl-C: what runs is finished, and the command that it tells writes the rest and nothing else", async () => {
  await using setup = await Setup.start();
  const relay = await setup.relay(BULK_WRITE);
  const records = recordsOf(20_001);
  const file = await setup.write("it's in.ndjson", records);
  const id = setup.server.namespaces[0]!.id;
  relay.keep(() => true);
  await using command = setup.start(["import", file, "-n", id, "--token=a-secret-token", "--api-url", relay.url]);
  await relay.keeping(2);
  // The seconds that it gives to what runs do not pass.
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  command.signal("SIGINT");
  vi.useRealTimers();
  relay.release();
  const { code, stderr } = await command.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/Stopped after 20,000 keys\. To continue: kvplug import .* --resume\n$/);
  expect(stderr).not.toContain("secret");
  const told = /To continue: kvplug (.*)\n/.exec(stderr)![1]!;
  const { stderr: resumed } = await promisify(execFile)("sh", ["-c", `${(await commandLine()).join(" ")} ${told}`], {
    env: environment(setup.env),
  });
  expect(resumed).toContain("imported 20,001 keys");
  expect(setup.server.requests.total).toBe(3);
  expect(await recordsIn(setup.one)).toBe(records);
  const again = await setup.run(["import", file, "-n", id, "--resume"]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("There is nothing to resume") });
});

test("SIGTERM is told apart, and an export goes on as well", async () => {
  await using setup = await Setup.start();
  const relay = await setup.relay();
  const records = await fill(setup, 2500);
  const out = setup.path("out.ndjson");
  relay.keep((nth) => nth >= 25);
  await using command = setup.start(["export", "-n", "one", "-o", out]);
  await relay.keeping();
  command.signal("SIGTERM");
  const { code, stderr } = await command.ended;
  expect(code).toBe(143);
  const stopped = /Stopped after ([\d,]+ keys)\. To continue: .* --resume\n$/.exec(stderr)![1]!;
  relay.release();
  const begun = await setup.run(["export", "-n", "one", "-o", out]);
  expect(begun).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Continue with --resume, or start over with --force"),
  });
  const resumed = await setup.run(["export", "-n", "one", "-o", out, "--resume"]);
  expect(resumed).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(stopped.replace(" keys", " of them before")),
  });
  expect(await setup.read("out.ndjson")).toBe(records);
});
