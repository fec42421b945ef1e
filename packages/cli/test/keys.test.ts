import { expect, test } from "vitest";
import { contentsOf, Setup } from "./setup.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test("put and get: arguments, stdin, files; bytes go through unharmed", async () => {
  await using setup = await Setup.start();
  const file = await setup.write("bytes", ALL_BYTES);
  const puts = await Promise.all([
    setup.run(["put", "an arg", "v\nw", "-n", "one", "--ttl", "1h", "--metadata", '{"n":1}']),
    setup.run("put piped -n one", ALL_BYTES),
    setup.run(["put", "filed", "--file", file, "-n", "one"]),
  ]);
  expect(puts.map(({ code, stderr, stdout }) => [code, stderr + stdout])).toEqual([
    [0, ""],
    [0, ""],
    [0, ""],
  ]);
  const [text, bytes, records, stats, meta] = await Promise.all([
    setup.run(["get", "an arg", "-n", "one"]),
    setup.run("get piped filed -n one"),
    setup.run(["get", "an arg", "piped", "-n", "one", "--json"]),
    setup.run(["stat", "an arg", "piped", "-n", "one", "--json"]),
    setup.run(["meta", "an arg", "piped", "none", "-n", "one"]),
  ]);
  expect(text.stdout).toBe("v\nw");
  expect([...bytes.bytes]).toEqual([...ALL_BYTES, ...ALL_BYTES]);
  expect(
    records.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { key: "an arg", value: "v\nw", metadata: { n: 1 }, expiration: expect.any(Number) },
    { key: "piped", value: Buffer.from(ALL_BYTES).toString("base64"), base64: true },
  ]);
  expect(JSON.parse(stats.stdout.split("\n")[1]!)).toEqual({ key: "piped", bytes: 256, type: "bytes" });
  expect(meta).toMatchObject({ code: 3, stdout: '{"n":1}\nnull\n', stderr: 'kvplug: There is no key "none".\n' });
});

test("delete, and a key that is missing", async () => {
  await using setup = await Setup.start();
  for (const key of ["a", "b", "c"]) await setup.one.put(key, key);
  expect(await setup.run("delete -n one a b none")).toMatchObject({ code: 0, stderr: "", stdout: "" });
  expect(await setup.run("get a c b -n one")).toMatchObject({
    code: 3,
    stdout: "c",
    stderr: 'kvplug: There are no keys "a", "b".\n',
  });
});

test("ls: prefix, limit, odd names, and no more pages than are read", async () => {
  await using setup = await Setup.start();
  await setup.one.put("b\nreak", "", { metadata: 1, expiration: 4_000_000_000 });
  await setup.one.put("b", "");
  await setup.one.put("c", "");
  const outputs = await Promise.all(
    ["ls -n one", "ls b -0 -n one", "ls -n one --json --limit 2", "ls -l -n one b"].map((args) => setup.run(args)),
  );
  expect(outputs.map(({ stdout }) => stdout)).toEqual([
    'b\n"b\\nreak"\nc\n',
    "b\0b\nreak\0",
    '{"name":"b"}\n{"name":"b\\nreak","expiration":4000000000,"metadata":1}\n',
    '-                     b\n2096-10-02T07:06:40Z  "b\\nreak"  1\n',
  ]);
});

test("ns: create, list, find, rename, delete", async () => {
  await using setup = await Setup.start();
  const { stdout: id } = await setup.run("ns create sessions");
  expect(id).toMatch(/^[0-9a-f]{32}\n$/);
  expect((await setup.run("ns find sessions")).stdout).toBe(id);
  expect((await setup.run("ns rename sessions logins")).code).toBe(0);
  expect((await setup.run("ns list")).stdout).toContain(`${id.trim()}  logins\n`);
  expect(await setup.run("ns delete logins")).toMatchObject({ code: 2, stderr: expect.stringContaining("add --yes") });
  expect((await setup.run("ns delete logins --yes")).code).toBe(0);
  expect(await setup.run("ns find logins")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("There is no namespace 'logins'"),
  });
});

test("what cannot be: one line, and the code", async () => {
  await using setup = await Setup.start();
  const cases: [args: string, code: number, says: RegExp][] = [
    ["get k -n prod:one", 4, /There is no namespace 'prod:one', and no profile 'prod'\. Did you mean 'one'\?/],
    ["get k -n onne", 4, /There is no namespace 'onne'\. Did you mean 'one'\?/],
    ["get --profile prod k -n one", 4, /no profile 'prod'/],
    ["get k", 4, /Which namespace\?/],
    ["get --token wrong --api-url http://127.0.0.1:9/client/v4 k -n one", 1, /127\.0\.0\.1:9/],
    ["get k -n one --local --profile p", 2, /'--local' cannot be used with option '--profile/],
    ["put k v --file f -n one", 2, /two sources/],
    ["put k --file /nowhere/at/all -n one", 1, /\/nowhere\/at\/all: no such file or directory/],
    ["put k v --ttl 1y -n one", 2, /It must be seconds, such as 3600/],
    ["put k v --ttl 59 -n one", 1, /^kvplug: --ttl must be at least 60 seconds; that of "k" is 59\./],
    [
      "put expiration v --expiration 5 -n one",
      1,
      /^kvplug: --expiration must be at least 60 seconds ahead; that of "expiration"/,
    ],
    [
      "get --account none --api-url URL --token t baseURL -n 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
      4,
      /Check --account, --namespace and --api-url\.\n$/,
    ],
    ["put k not-json --type json -n one", 1, /not JSON\. Nothing was written/],
    ["import /nowhere/at/all -n one", 1, /\/nowhere\/at\/all: no such file or directory/],

    ["export -n one -o / --force", 1, /\/: illegal operation on a directory/],
    ["export --frmat json", 2, /unknown option '--frmat' \(Did you mean --format\?\)/],
    ["copy one one", 2, /Both are the same namespace/],
    ["diff one one", 2, /Both are the same namespace/],
    ["purge -n one --prefix a --keys f", 2, /'--prefix <prefix>' cannot be used with option '--keys <file>'/],
    ["purge -n one --keys -", 2, /Delete the keys that stdin names of the namespace 'one'\?/],
    ["purge -n one --keys k.txt", 1, /k\.txt: no such file/],
    ["purge -n one", 2, /Delete all keys of the namespace 'one'\? There is no terminal to answer on: add --yes\./],
  ];
  await Promise.all(
    cases.map(async ([args, expected, says]) => {
      const { code, stderr, stdout } = await setup.run(args.replace("URL", setup.server.url), "");
      expect(stderr, args).toMatch(says);
      expect(stderr, args).toMatch(/^kvplug: [^\n]+\n$/);
      expect([code, stdout], args).toEqual([expected, ""]);
      expect(stderr).not.toContain("secret");
    }),
  );
  expect(await contentsOf(setup.one)).toEqual([]);
});
