import { chmod } from "node:fs/promises";
import { expect, test } from "vitest";
import { contentsOf, fill, keysIn, Setup } from "./setup.ts";
import { onTerminal } from "./terminal.ts";

test("copy: all of it, under a prefix, under other names, within an account and to another", async () => {
  await using setup = await Setup.start();
  await using other = await Setup.start();
  await setup.one.put("a:1", Uint8Array.of(0xff, 0), { metadata: { n: 1 }, expiration: 4_000_000_000 });
  await setup.one.put("a:2", "two");
  await setup.one.put("b:1", "three");
  expect(await setup.run("copy one two")).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("copied 3 keys"),
  });
  expect(await contentsOf(setup.two)).toEqual(await contentsOf(setup.one));
  expect((await setup.run("copy one one --prefix a: --map-prefix a:=c: -q")).code).toBe(0);
  const config = await setup.write(
    "config.json",
    JSON.stringify({
      profiles: { there: { baseURL: other.server.url, accountId: other.server.account, apiToken: "t" } },
    }),
  );
  const env = { KVPLUG_CONFIG: config };
  const open = await setup.run("copy one there:one", "", env);
  expect(open).toMatchObject({ code: 4, stderr: expect.stringMatching(/others can read it \(mode 644\).*chmod 600/) });
  await chmod(config, 0o600);
  expect(await setup.run("copy one there:one -q", "", env)).toMatchObject({ code: 0, stderr: "" });
  const there = await contentsOf(other.one);
  expect(there.map(({ key }) => key)).toEqual(["a:1", "a:2", "b:1", "c:1", "c:2"]);
  expect(there[3]).toEqual({ ...there[0], key: "c:1" });
});

test("diff: what is in one alone, and what differs in what", async () => {
  await using setup = await Setup.start();
  for (const kv of [setup.one, setup.two]) {
    await kv.put("same", "v", { metadata: kv === setup.one ? { a: 1, b: 2 } : { b: 2, a: 1 } });
  }
  const alike = await setup.run("diff one two -q");
  expect(alike).toMatchObject({ code: 0, stdout: "", stderr: "" });
  await setup.one.put("only\nhere", "");
  await setup.two.put("there", "");
  await setup.one.put("value", "1");
  await setup.two.put("value", "2", { metadata: 0, expiration: 4_000_000_000 });
  const [text, json] = await Promise.all([setup.run("diff one two -q"), setup.run("diff two one --json --prefix v")]);
  expect(text).toMatchObject({
    code: 3,
    stdout: '- "only\\nhere"\n+ there\n~ value  (value, metadata, expiration)\n',
    stderr: "",
  });
  expect([json.code, JSON.parse(json.stdout)]).toEqual([
    3,
    { key: "value", differs: ["value", "metadata", "expiration"] },
  ]);
});

test("purge: a prefix, the keys of a file in each form, all of it; and requests by the ten thousand", async () => {
  await using setup = await Setup.start();
  const left = (): Promise<string[]> => keysIn(setup.one);
  for (const key of ["a:1", "a:2", "b", "c\nd", "e", "f", "g"]) await setup.one.put(key, "");
  expect(await setup.run("purge -n one --prefix a: --yes")).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("deleted 2 keys"),
  });
  const nul = await setup.write("nul", "b\0c\nd\0");
  expect((await setup.run(["purge", "-n", "one", "--keys", nul, "--yes", "-q"])).code).toBe(0);
  expect(await left()).toEqual(["e", "f", "g"]);
  expect((await setup.run("purge -n one --keys - --yes -q", '[{"name":"e"},"f"]')).code).toBe(0);
  expect((await setup.run("purge -n one --keys - --yes -q", "g\r\n\nnone\n")).code).toBe(0);
  expect(await left()).toEqual([]);
  await fill(setup, 12_000);
  setup.server.requests.reset();
  expect(await setup.run("purge -n one --expired --yes")).toMatchObject({
    stderr: expect.stringContaining("deleted 0 keys"),
  });
  expect((await setup.run("purge -n one --yes -q")).code).toBe(0);
  expect(await left()).toEqual([]);
  // A listing of namespaces and 12 pages each, and two deletions.
  expect(setup.server.requests.total).toBe(2 * 13 + 2);
});

test("on a terminal, purge asks, and No means no", async () => {
  await using setup = await Setup.start();
  await setup.one.put("k", "");
  using refused = await onTerminal(["purge", "-n", "one"], setup.env);
  await refused.showed(/Delete all keys of the namespace 'one'\?/);
  refused.type("\r");
  expect(await refused.ended).toEqual({ code: 1 });
  expect(refused.shown).toContain("Nothing was done.");
  expect(await setup.one.get("k")).toBe("");
  using agreed = await onTerminal(["purge", "-n", "one"], setup.env);
  await agreed.showed(/Delete all keys of the namespace 'one'\?/);
  agreed.type("y");
  expect(await agreed.ended).toEqual({ code: 0 });
  expect(await setup.one.get("k")).toBeNull();
  // A terminal without a size, as some containers have one.
  using sizeless = await onTerminal(["purge", "-n", "one"], setup.env, 0);
  await sizeless.showed(/Delete all keys of the namespace 'one'\?/);
  sizeless.type("y");
  expect(await sizeless.ended).toEqual({ code: 0 });
});
