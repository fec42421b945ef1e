import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import { Agent } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { trustedCertificate } from "../support/certificate.ts";
import { ConnectProxy } from "../support/connect-proxy.ts";
import { allOf, errorOf } from "../support/errors.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { TlsFront } from "../support/tls-front.ts";

const NAMES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];

describe("a proxy that the environment names", () => {
  const rest = useRest();
  let front: TlsFront;
  let proxy: ConnectProxy;
  beforeAll(async () => {
    front = await TlsFront.start({ target: rest.server.url, certificate: await trustedCertificate() });
  });
  beforeEach(async () => {
    for (const name of NAMES) vi.stubEnv(name, undefined);
    front.versions.length = 0;
    proxy = await ConnectProxy.start();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await proxy[Symbol.asyncDispose]();
  });
  afterAll(() => front[Symbol.asyncDispose]());

  function open(options: KVClientOptions = {}): KV {
    const account = { ...accountOf(rest.server), baseURL: front.url, namespaceId: rest.server.namespaces[0]!.id };
    return createKV({ ...account, writeInterval: 0, retry: false, ...options });
  }
  const overHttp = (): KV => open({ baseURL: rest.server.url });

  async function use(kv: KV): Promise<void> {
    await kv.put("a", "1");
    expect(await kv.get("a")).toBe("1");
    await kv.close();
  }

  const tunnel = (): string => `CONNECT 127.0.0.1:${front.port}`;

  test.for(["https_proxy", "HTTPS_PROXY"])("%s carries https", async (name) => {
    vi.stubEnv(name, `http://${proxy.host}`);
    await use(open());
    expect(new Set(proxy.asked)).toEqual(new Set([tunnel()]));
    expect(front.versions).toEqual(["1.1", "1.1"]);
  });

  test.for(["http_proxy", "HTTP_PROXY"])("%s carries http, and nothing else", async (name) => {
    vi.stubEnv(name, `http://${proxy.host}`);
    await use(open());
    expect(proxy.asked).toEqual([]);
    await use(overHttp());
    expect(proxy.asked).toHaveLength(2);
    for (const asked of proxy.asked) expect(asked).toContain(` ${new URL(rest.server.url).origin}/client/v4/`);
  });

  test("calls one after the other share a tunnel", async () => {
    vi.stubEnv("https_proxy", `http://${proxy.host}`);
    await using kv = open();
    for (let i = 0; i < 5; i++) expect(await kv.get("a")).toBeNull();
    expect(proxy.asked).toEqual([tunnel()]);
  });

  test("HTTPS_PROXY carries no http", async () => {
    vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
    await use(overHttp());
    expect(proxy.asked).toEqual([]);
  });

  test("the lower case wins, what is empty is not set, and a scheme may be missing", async () => {
    vi.stubEnv("https_proxy", proxy.host);
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    await use(open());
    vi.stubEnv("https_proxy", "");
    vi.stubEnv("HTTPS_PROXY", proxy.host);
    await use(open());
    expect(proxy.asked.length).toBeGreaterThanOrEqual(2);
  });

  test.for([
    ["127.0.0.1", 0],
    ["other.example, 127.0.0.1", 0],
    ["*", 0],
    ["other.example", 1],
    ["127.0.0.1:9", 1],
  ] as const)("NO_PROXY=%s", async ([value, least]) => {
    vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
    vi.stubEnv("NO_PROXY", value);
    await use(open());
    expect(Math.min(1, proxy.asked.length)).toBe(least);
    expect(front.versions).toHaveLength(2);
  });

  test("its user and password go to it, and to nobody else", async () => {
    vi.stubEnv("HTTPS_PROXY", `http://ada:p%40ss@${proxy.host}`);
    await use(open());
    expect(new Set(proxy.credentials)).toEqual(new Set([`Basic ${Buffer.from("ada:p@ss").toString("base64")}`]));
  });

  test("is read at the first call, and a dispatcher or a fetch of the caller's goes its own way", async () => {
    const late = open();
    const agent = new Agent();
    vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
    await use(open({ dispatcher: agent }));
    await use(open({ fetch }));
    expect(proxy.asked).toEqual([]);
    await use(late);
    expect(proxy.asked).not.toEqual([]);
    await agent.close();
  });

  test("HTTP/2 goes through it where that is allowed", async () => {
    vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
    await use(open({ allowH2: true }));
    expect(proxy.asked).toEqual([tunnel()]);
    expect(front.versions).toEqual(["2.0", "2.0"]);
  });

  test.for([false, true])("an upload that is given up leaves what was there, with allowH2 %s", async (allowH2) => {
    vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
    const kv = open({ allowH2 });
    await kv.put("a", "old");
    const controller = new AbortController();
    const source = new ReadableStream({
      start: (it) => it.enqueue(new TextEncoder().encode("new")),
    });
    const failure = errorOf(kv.put("a", source, { signal: controller.signal }));
    await front.came(2);
    controller.abort(new Error("no longer wanted"));
    expect((await failure).message).toBe("no longer wanted");
    await kv.close();
    await front.idle();
    expect(await rest.server.kv("test").get("a")).toBe("old");
  });

  test.for(["http://", "nonsense://secret@proxy.example", "http://user:secret@proxy.example:port"])(
    "%s is no proxy, and nothing of it is told",
    async (value) => {
      vi.stubEnv("HTTPS_PROXY", value);
      const error = await errorOf(open().get("a"));
      expect(error).toMatchObject({
        code: "KV_CONFIG",
        message: expect.stringContaining("HTTPS_PROXY must be the URL"),
      });
      expect(allOf(error)).not.toContain("secret");
    },
  );

  test("that refuses, or is not there, is told", async () => {
    await using refusing = await ConnectProxy.start("refuses");
    vi.stubEnv("HTTPS_PROXY", `http://user:secret@${refusing.host}`);
    const refused = await errorOf(open().get("a"));
    expect(refused).toMatchObject({ code: "KV_NETWORK", message: expect.stringContaining("407") });
    expect(allOf(refused)).not.toContain("secret");
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    expect((await errorOf(open().get("a"))).message).toContain("ECONNREFUSED 127.0.0.1:9");
  });

  test("that does not answer is left after the timeout", async () => {
    await using silent = await ConnectProxy.start("nothing");
    vi.stubEnv("HTTPS_PROXY", `http://${silent.host}`);
    const error = await errorOf(open({ timeout: 300, deadline: 60_000 }).get("a"));
    expect(error.code).toBe("KV_TIMEOUT");
    expect(error.message).not.toContain("deadline");
  });
});
