import { expect, test } from "vitest";
import { Relay } from "./relay.ts";
import { BULK_WRITE, bulkWrites, recordsIn, recordsOf, Setup } from "./setup.ts";

test("a server that fails one request in twenty loses nothing", async () => {
  await using setup = await Setup.start({ faults: { errors: 0.03, drops: 0.02, unsuccessfulKeys: 0.001 }, seed: 3 });
  const records = recordsOf(6000);
  expect(await setup.run("import - -n one -q", records)).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout } = await setup.run("export -n one -q");
  expect(code).toBe(0);
  expect(stdout).toBe(records);
});

test.each(["", " --keep-going"])(
  "import%s: a server that is gone stops it, nothing counts as done, and the rest is resumed",
  async (flag) => {
    await using setup = await Setup.start();
    const records = recordsOf(20_002);
    const file = await setup.write("in.ndjson", records);
    const command = `import ${file} -n ${setup.server.namespaces[0]!.id} -q${flag}`;
    await using server = await Relay.startOnQuietPort(setup.server.url, { about: BULK_WRITE });
    const env = { CLOUDFLARE_API_BASE_URL: server.url };
    server.keep((nth) => nth >= 1);
    await using running = setup.start(command, "", env);
    await server.keeping();
    await server.close();
    const { code, stderr } = await running.ended;
    expect(stderr).toMatch(/^kvplug: .*ECONNREFUSED.* To continue: kvplug import .*--resume\n$/);
    expect(code).toBe(1);
    const before = bulkWrites(setup);
    await using _again = await Relay.start(setup.server.url, { port: server.port });
    const rest = await setup.run(`${command} --resume`, "", env);
    expect([rest.code, rest.stderr]).toEqual([0, ""]);
    // One page was answered, of three.
    expect(bulkWrites(setup) - before).toBe(2);
    expect(await recordsIn(setup.one)).toBe(records);
  },
);
