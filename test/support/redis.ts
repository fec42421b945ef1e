import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type RedisClientType } from "@redis/client";
import type { TestContext } from "vitest";

const REDIS = "redis-server";

/** Skips a test where this machine has none. */
export function needRedis({ skip }: TestContext): void {
  isThere ??= spawnSync(REDIS, ["--version"]).status === 0;
  skip(!isThere, "no redis-server is found. Debian: apt-get install redis-server");
}

let isThere: boolean | undefined;

type Client = RedisClientType;

function open(port: number, password: string): Client {
  const client: Client = createClient({ url: `redis://127.0.0.1:${port}`, password });
  // It may be killed.
  client.on("error", () => {});
  return client;
}

/** A Redis of the test's own behind a password, which keeps nothing. */
export class Redis implements AsyncDisposable {
  readonly client: Client;
  readonly port: number;
  /** Kills it. */
  readonly kill: () => void;
  readonly #end: () => Promise<void>;

  private constructor(port: number, client: Client, kill: () => void, end: () => Promise<void>) {
    this.port = port;
    this.client = client;
    this.kill = kill;
    this.#end = end;
  }

  static async start(password: string): Promise<Redis> {
    const folder = await mkdtemp(join(tmpdir(), "kvplug-redis-"));
    for (;;) {
      // Below the ports that connections get.
      const port = 10_000 + Math.floor(Math.random() * 5000);
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", password];
      const redis = spawn(REDIS, [...args, "--dir", folder]);
      let log = "";
      for await (const text of redis.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
        log += String(text);
        if (log.includes("Ready to accept connections")) break;
      }
      if (!log.includes("Ready to accept connections")) continue;
      redis.stdout.resume();
      const client = open(port, password);
      await client.connect();
      const kill = (): void => void redis.kill("SIGKILL");
      const exit = once(redis, "exit");
      return new Redis(port, client, kill, async () => {
        client.destroy();
        kill();
        await exit;
        await rm(folder, { recursive: true });
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
