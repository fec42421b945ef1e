/**
 * A tour of kvplug: the `package.json` of every installed dependency goes into Workers KV and comes
 * back. KV is a server on this machine or, where the `CLOUDFLARE_*` variables are set, Cloudflare's.
 *
 * @module
 */
import { once } from "node:events";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { createKV, type KV } from "@kvplug/core";
import { serveDemo } from "../demo/serve-demo.ts";
import { isCloudflareSet } from "./cloudflare.ts";
import { sayHowToGoOn } from "./go-on.ts";
import { startLocalServer } from "./local-server.ts";
import { orFreePort } from "./or-free-port.ts";
import { packagesOnDisk, type InstalledPackage } from "./packages-on-disk.ts";
import { count, say, sayTotal, step } from "./report.ts";
import { clear, expire, listAll, lookBack, readAll, remove, writeAll, type Pair } from "./steps.ts";

const ROOT = join(import.meta.dirname, "..", "..");

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      data: { type: "string", default: join(ROOT, ".kvplug", "kv.sqlite") },
      port: { type: "string", default: "8787" },
      "page-port": { type: "string", default: "8788" },
    },
  });
  console.log("\nA tour of kvplug\n");
  if (isCloudflareSet()) await tourOfCloudflare();
  else await tourOfThisMachine(relative("", options.data), Number(options.port), Number(options["page-port"]));
}

/** Starts a server and tours it; it then serves until Ctrl-C, and so does the page of `examples/demo`. */
async function tourOfThisMachine(data: string, port: number, pagePort: number): Promise<void> {
  const prefix = "npm:";
  await using server = await startLocalServer(data, port);
  const [namespace] = server.namespaces;
  say("server", server.url);
  say("data", data);

  await using kv = createKV({
    baseURL: server.url,
    accountId: server.account,
    namespaceId: namespace!.id,
    apiToken: "any",
  });
  const pairs = await tour(kv, prefix);
  sayTotal();

  const stopped = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await using page = await orFreePort(pagePort, (free) => serveDemo(server, data, free));
  sayHowToGoOn(server, pairOf(pairs, `${prefix}typescript@`).key, page.url);
  await stopped;
}

/** Tours a namespace of Cloudflare's; it touches no keys but its own, and leaves none. */
async function tourOfCloudflare(): Promise<void> {
  const prefix = "kvplug-tour:npm:";
  say("Cloudflare", `namespace ${process.env["CLOUDFLARE_KV_NAMESPACE_ID"]}`);
  say("keys", `all begin with ${prefix}`);

  await using kv = createKV();
  try {
    await tour(kv, prefix);
  } finally {
    await step("cleaned up", () => clear(kv, prefix));
  }
  sayTotal();
}

async function tour(kv: KV, prefix: string): Promise<Pair[]> {
  const pairs = (await packagesOnDisk(ROOT)).map((installed) => toPair(prefix, installed));
  say("on disk", count(pairs.length, "package"));

  await step("found", () => lookBack(kv, prefix));
  await step("written", () => writeAll(kv, pairs));
  await step("listed", () => listAll(kv, prefix, pairs));
  await step("read", () => readAll(kv, pairs));
  await step("expiring", () => expire(kv, pairOf(pairs, `${prefix}undici@`)));
  await step("deleted", () => remove(kv, pairOf(pairs, `${prefix}vitest@`)));
  return pairs;
}

function toPair(prefix: string, { name, version, manifest }: InstalledPackage): Pair {
  return { key: `${prefix}${name}@${version}`, value: manifest, metadata: { version } };
}

function pairOf(pairs: Pair[], prefix: string): Pair {
  const pair = pairs.findLast(({ key }) => key.startsWith(prefix));
  if (pair === undefined) throw new Error(`${prefix} is not installed: run pnpm install.`);
  return pair;
}

try {
  await main();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
