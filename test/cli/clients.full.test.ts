import { describe, expect, test } from "vitest";
import { contentsOf, Setup } from "../../packages/cli/test/setup.ts";
import { Wrangler } from "../support/wrangler.ts";

describe("with several runs of wrangler", () => {
  test("wrangler writes what kvplug exported, and kvplug imports what wrangler was given", async () => {
    await using setup = await Setup.start();
    await using wrangler = await Wrangler.open(setup.server);
    const [one, two] = setup.server.namespaces.map(({ id }) => ["--namespace-id", id, "--remote"]) as [
      string[],
      string[],
    ];
    await setup.one.put("text", "a\nvalue ☃", { metadata: { n: 1 }, expiration: 4_000_000_000 });
    await setup.one.put("bytes", Uint8Array.of(0xff, 0, 0x80));
    const exported = setup.path("export.json");
    expect((await setup.run(["export", "-n", "one", "-o", exported, "-q"])).code).toBe(0);
    await wrangler.run(["kv", "bulk", "put", exported, ...two]);
    expect(await contentsOf(setup.two)).toEqual(await contentsOf(setup.one));

    const pairs = [
      { key: "w:text", value: "1", metadata: [1], expiration: 4_000_000_000 },
      { key: "w:bytes", value: "/wA=", base64: true },
    ];
    const path = await setup.write("pairs.json", JSON.stringify(pairs, null, 2));
    const [imported] = await Promise.all([
      setup.run(["import", path, "-n", "one", "-q"]),
      wrangler.run(["kv", "bulk", "put", path, ...two]),
    ]);
    expect(imported).toMatchObject({ code: 0, stderr: "" });
    expect((await setup.run("diff one two -q")).code).toBe(0);

    const listed = await wrangler.run(["kv", "key", "list", "--prefix", "w:", ...one]);
    expect((await setup.run("purge -n one --keys - --yes -q", listed)).code).toBe(0);
    expect((await contentsOf(setup.one)).map(({ key }) => key)).toEqual(["bytes", "text"]);
  });
});
