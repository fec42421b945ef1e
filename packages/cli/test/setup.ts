import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KVListKey, KVListResult, KVNamespace } from "@kvplug/core/seam";
import { startServer, type RunningServer, type ServerOptions } from "@kvplug/server";
import type { Environment } from "../src/context.ts";
import { kvplug, type Command, type Ended } from "./command.ts";
import { spawnKvplug, type Process } from "./process.ts";
import { Relay } from "./relay.ts";

/** A server with the namespaces `one` and `two`, a folder, and `kvplug` that finds both. */
export class Setup implements AsyncDisposable {
  readonly server: RunningServer;
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly #relays: Relay[] = [];

  private constructor(server: RunningServer, folder: string) {
    this.server = server;
    this.folder = folder;
    this.env = {
      CLOUDFLARE_API_BASE_URL: server.url,
      CLOUDFLARE_ACCOUNT_ID: server.account,
      CLOUDFLARE_API_TOKEN: "a-secret-token",
      XDG_STATE_HOME: folder,
      NO_COLOR: "1",
    };
  }

  static async start(options: ServerOptions = {}): Promise<Setup> {
    const server = await startServer({ namespaces: ["one", "two"], ...options });
    return new Setup(server, await mkdtemp(join(tmpdir(), "kvplug-cli-")));
  }

  get one(): KVNamespace {
    return this.server.kv("one");
  }

  get two(): KVNamespace {
    return this.server.kv("two");
  }

  /** Puts a relay between the server and all commands from now on. */
  async relay(about?: RegExp): Promise<Relay> {
    const relay = await Relay.start(this.server.url, { about });
    this.#relays.push(relay);
    this.env["CLOUDFLARE_API_BASE_URL"] = relay.url;
    return relay;
  }

  /** Starts a command in this process; texts are split at spaces. */
  start(args: string | readonly string[], input?: string | Uint8Array, env?: Environment): Command {
    return kvplug(wordsOf(args), { ...this.env, ...env }, input);
  }

  /** Runs a command in this process, to its end. */
  async run(args: string | readonly string[], input?: string | Uint8Array, env?: Environment): Promise<Ended> {
    await using command = this.start(args, input, env);
    return await command.ended;
  }

  /** Starts a command as a process of its own. */
  spawn(args: string | readonly string[], env?: NodeJS.ProcessEnv): Promise<Process> {
    return spawnKvplug(wordsOf(args), { ...this.env, ...env });
  }

  /** Where a file of the folder is. */
  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.path(name), content);
    return this.path(name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const relay of this.#relays) await relay[Symbol.asyncDispose]();
    await this.server.close();
    await rm(this.folder, { recursive: true });
  }
}

function wordsOf(args: string | readonly string[]): readonly string[] {
  return typeof args === "string" ? args.split(" ") : args;
}

/** How many requests of bulk writes the server has seen. */
export function bulkWrites({ server }: Setup): number {
  let sum = 0;
  for (const [route, count] of Object.entries(server.requests.byRoute)) if (BULK_WRITE.test(route)) sum += count;
  return sum;
}

/** What {@link bulkWrites} counts. */
export const BULK_WRITE: RegExp = /^PUT .*\/bulk/;

/** All of a namespace, in the order of a listing. */
export async function contentsOf(
  kv: KVNamespace,
): Promise<{ key: string; value: string; metadata?: unknown; expiration?: number }[]> {
  const all = [];
  for (const { name, ...others } of await listed(kv)) {
    const value = await kv.get(name, "arrayBuffer");
    all.push({ key: name, value: Buffer.from(value!).toString("latin1"), ...others });
  }
  return all;
}

/** The names of all keys of a namespace, in the order of a listing. */
export async function keysIn(kv: KVNamespace): Promise<string[]> {
  return (await listed(kv)).map(({ name }) => name);
}

async function listed(kv: KVNamespace): Promise<KVListKey[]> {
  const keys: KVListKey[] = [];
  let cursor: string | null = null;
  do {
    const page: KVListResult = await kv.list({ cursor });
    keys.push(...page.keys);
    cursor = page.list_complete ? null : page.cursor;
  } while (cursor !== null);
  return keys;
}

/** All of a namespace as records, one a line. */
export async function recordsIn(kv: KVNamespace): Promise<string> {
  const contents = await contentsOf(kv);
  return contents.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** Records of small pairs, one a line. */
export function recordsOf(count: number): string {
  return pairsOf(count)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join("");
}

/** Writes the pairs of {@link recordsOf} into `one`, and returns them. */
export async function fill({ one }: Setup, count: number): Promise<string> {
  for (const { key, value } of pairsOf(count)) await one.put(key, value);
  return recordsOf(count);
}

function pairsOf(count: number): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, i) => ({ key: `key:${String(i).padStart(6, "0")}`, value: `v${i}` }));
}
