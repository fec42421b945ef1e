import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trustedCertificate } from "../support/certificate.ts";
import { ConnectProxy } from "../support/connect-proxy.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { TlsFront } from "../support/tls-front.ts";
import { BUN, denoWith, NODE, run, start, type Platform } from "./platforms.ts";

const MAIN = "../../packages/cli/src/main.ts";

const DENO = denoWith("--allow-all");
/** The version of HTTP that each one's transport speaks where both are offered. */
const PLATFORMS: { platform: Platform; name: string; version: string }[] = [
  { platform: NODE, name: "Node", version: "1.1" },
  { platform: BUN, name: "Bun", version: "1.1" },
  { platform: DENO, name: "Deno", version: "2.0" },
];

describe.for(PLATFORMS)("$name", ({ platform, version }) => {
  const rest = useRest();
  const folder = mkdtempSync(join(tmpdir(), "kvplug-platforms-"));
  const pem = join(folder, "ca.pem");
  let front: TlsFront;
  beforeAll(async () => {
    const certificate = await trustedCertificate();
    writeFileSync(pem, certificate.ca);
    front = await TlsFront.start({ target: rest.server.url, certificate });
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const account = (): object => ({ ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id });
  const trusting = { NODE_EXTRA_CA_CERTS: pem, DENO_CERT: pem };

  test("runs the driver, the cache, the adapters and the server", async () => {
    expect(await run(platform, "program.ts", [])).toBe("all is well\n");
  });

  test("stores no upload that was given up, and takes a proxy of the environment", async () => {
    await using proxy = await ConnectProxy.start();
    const options = JSON.stringify({ ...account(), baseURL: front.url });
    const env = { ...trusting, HTTPS_PROXY: `http://${proxy.host}` };
    const outcomes = JSON.parse(await run(platform, "program-over-net.ts", [options], env)) as object;
    expect(outcomes).toEqual({
      "a put": "undefined",
      "a source that fails": "the source failed",
      "a source that stalls": expect.stringContaining("deadline"),
      "a signal": expect.stringMatching(/time(out|d out)/),
    });
    await front.idle();
    expect(await rest.server.kv("test").get("a")).toBe("old");
    expect(new Set(front.versions)).toEqual(new Set([version]));
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT 127.0.0.1:${front.port}`]));
  });

  test("runs the command, its server too", async () => {
    await using server = await start(platform, MAIN, ["serve", "--port", "0", "--namespace", "test"]);
    const baseURL = /http:\S+/.exec(server.line)![0];
    const env = {
      CLOUDFLARE_API_BASE_URL: baseURL,
      CLOUDFLARE_ACCOUNT_ID: "local",
      CLOUDFLARE_API_TOKEN: "any",
    };
    const kvplug = (...args: string[]): Promise<string> => run(platform, MAIN, [...args, "-n", "test"], env);
    await kvplug("put", "a", "1");
    expect(await kvplug("get", "a")).toContain("1");
    expect(JSON.parse(await kvplug("export", "-q"))).toEqual({ key: "a", value: "1" });
  });
});
