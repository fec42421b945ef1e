import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALL_BYTES } from "./support/bytes.ts";
import { startRest, type RestSetup } from "./support/rest.ts";
import { Wrangler } from "./support/wrangler.ts";

describe("wrangler's kv commands", { concurrent: true }, () => {
  let rest: RestSetup;
  let wrangler: Wrangler;
  let onNamespace: string[];

  beforeAll(async () => {
    rest = await startRest();
    wrangler = await Wrangler.open(rest.server);
    onNamespace = ["--namespace-id", rest.server.namespaces[0]!.id, "--remote"];
  });
  afterAll(async () => {
    await wrangler[Symbol.asyncDispose]();
    await rest.close();
  });

  const text = async (...args: string[]): Promise<string> => (await wrangler.run(args)).toString();

  test("namespace create, list, rename, delete", async () => {
    const { namespaces } = rest.client;
    expect(await text("kv", "namespace", "create", "sessions")).toContain("Success");
    const { id } = (await namespaces.find("sessions"))!;

    const listed = JSON.parse(await text("kv", "namespace", "list")) as unknown[];
    expect(listed).toContainEqual({ id, title: "sessions", supports_url_encoding: true });

    await text("kv", "namespace", "rename", "sessions", "--new-name", "logins");
    expect(await namespaces.get(id)).toMatchObject({ id, title: "logins" });

    await text("kv", "namespace", "delete", "--namespace-id", id, "--skip-confirmation");
    expect(await namespaces.find("logins")).toBeUndefined();
  });

  test("key put with metadata and TTL, get, list, delete", async () => {
    const before = Math.floor(Date.now() / 1000);
    const key = "path/to#a key";
    await text("kv", "key", "put", key, "a value", ...onNamespace, "--metadata", '{"kind":"note"}', "--ttl", "600");
    const after = Math.floor(Date.now() / 1000);
    expect(await rest.kv.getWithMetadata(key)).toMatchObject({ value: "a value", metadata: { kind: "note" } });

    const [value, listed] = await Promise.all([
      text("kv", "key", "get", key, ...onNamespace, "--text"),
      text("kv", "key", "list", ...onNamespace, "--prefix", "path/"),
    ]);
    expect(value.trimEnd()).toBe("a value");
    const keys = JSON.parse(listed) as { expiration: number }[];
    expect(keys).toEqual([{ name: key, metadata: { kind: "note" }, expiration: expect.any(Number) }]);
    expect(keys[0]!.expiration).toBeGreaterThanOrEqual(before + 600);
    expect(keys[0]!.expiration).toBeLessThanOrEqual(after + 600);

    await text("kv", "key", "delete", key, ...onNamespace);
    expect(await rest.kv.get(key)).toBeNull();
  });

  test("key put and get of a file, byte for byte", async () => {
    const path = await wrangler.file("all-bytes", ALL_BYTES);
    await text("kv", "key", "put", "file", "--path", path, ...onNamespace);
    expect(new Uint8Array(await wrangler.run(["kv", "key", "get", "file", ...onNamespace]))).toEqual(ALL_BYTES);
  });

  test("bulk put, get, delete", async () => {
    const pairs = [
      { key: "bulk/text", value: "1", metadata: { n: 1 }, expiration_ttl: 3600 },
      { key: "bulk/bytes", value: "/wA=", base64: true },
    ];
    await text("kv", "bulk", "put", await wrangler.file("put.json", JSON.stringify(pairs)), ...onNamespace);
    expect(await rest.kv.getWithMetadata("bulk/text")).toMatchObject({ value: "1", metadata: { n: 1 } });
    expect([...new Uint8Array((await rest.kv.get("bulk/bytes", "arrayBuffer"))!)]).toEqual([0xff, 0]);

    const wanted = await wrangler.file("get.json", JSON.stringify(["bulk/text", "bulk/nothing"]));
    const found = JSON.parse(await text("kv", "bulk", "get", wanted, ...onNamespace));
    expect(found).toEqual({ "bulk/text": "1", "bulk/nothing": null });

    const doomed = await wrangler.file("delete.json", JSON.stringify(["bulk/text", "bulk/bytes", "bulk/nothing"]));
    await text("kv", "bulk", "delete", doomed, ...onNamespace, "--force");
    expect((await rest.kv.list({ prefix: "bulk/" })).keys).toEqual([]);
  });

  test("a wrong token is told apart from an empty account", async () => {
    const run = wrangler.run(["kv", "namespace", "list"], { CLOUDFLARE_API_TOKEN: "wrong" });
    await expect(run).rejects.toMatchObject({ code: 1 });
    const { stdout, stderr } = (await run.catch((error: unknown) => error)) as { stdout: Buffer; stderr: Buffer };
    expect(Buffer.concat([stdout, stderr]).toString()).toContain("Authentication error [code: 10000]");
  });
});
