import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KVNamespace } from "@kvplug/core/seam";
import { startServer, type RunningServer, type ServerOptions } from "@kvplug/server";
import { kvplug, type Ended, type Process } from "./kvplug.ts";

/** A server with the namespaces `one` and `two`, a folder, and `kvplug` that finds both. */
export class Setup implements AsyncDisposable {
  readonly server: RunningServer;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;

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

  /** Starts a command; texts are split at spaces. */
  start(args: string | readonly string[], input?: string | Uint8Array, env?: NodeJS.ProcessEnv): Process {
    return kvplug(typeof args === "string" ? args.split(" ") : args, { ...this.env, ...env }, input);
  }

  /** Runs a command to its end. */
  async run(args: string | readonly string[], input?: string | Uint8Array, env?: NodeJS.ProcessEnv): Promise<Ended> {
    await using process = this.start(args, input, env);
    return await process.ended;
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
    await this.server.close();
    await rm(this.folder, { recursive: true });
  }
}

/** All of a namespace, in the order of a listing. */
export async function contentsOf(
  kv: KVNamespace,
): Promise<{ key: string; value: string; metadata?: unknown; expiration?: number }[]> {
  const all = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<KVNamespace["list"]>> = await kv.list({ cursor });
    for (const { name, ...others } of page.keys) {
      const value = await kv.get(name, "arrayBuffer");
      all.push({ key: name, value: Buffer.from(value!).toString("latin1"), ...others });
    }
    cursor = page.list_complete ? null : page.cursor;
  } while (cursor !== null);
  return all;
}

/** All of a namespace as records, one a line. */
export async function recordsIn(kv: KVNamespace): Promise<string> {
  const contents = await contentsOf(kv);
  return contents.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** Records of small pairs, one a line. */
export function recordsOf(count: number): string {
  let text = "";
  for (let i = 0; i < count; i++)
    text += `${JSON.stringify({ key: `key:${String(i).padStart(6, "0")}`, value: `v${i}` })}\n`;
  return text;
}
