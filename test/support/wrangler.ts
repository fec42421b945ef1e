import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { RunningServer } from "@kvplug/server";
import { TOKEN } from "./rest.ts";

const require = createRequire(import.meta.url);
const WRANGLER = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");

/** What answers in place of Cloudflare's API. */
type Api = Pick<RunningServer, "url" | "account">;

/** Wrangler as its users have it: a process of its own, in a folder of its own. */
export class Wrangler implements AsyncDisposable {
  readonly folder: string;
  readonly #server: Api | undefined;

  constructor(folder: string, server: Api | undefined) {
    this.folder = folder;
    this.#server = server;
  }

  /** @param server In place of Cloudflare's API, for the commands that ask one. */
  static async open(server?: Api): Promise<Wrangler> {
    return new Wrangler(await mkdtemp(join(tmpdir(), "kvplug-wrangler-")), server);
  }

  /** Places a file for a command to read. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(this.folder, name), content);
    return name;
  }

  /** Runs a command; resolves with its standard output, rejects unless it succeeds. */
  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Buffer> {
    const { stdout } = await promisify(execFile)(process.execPath, [WRANGLER, ...args], {
      cwd: this.folder,
      encoding: "buffer",
      env: {
        PATH: process.env["PATH"],
        HOME: this.folder,
        XDG_CONFIG_HOME: this.folder,
        WRANGLER_LOG_PATH: this.folder,
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_HIDE_BANNER: "true", // and with it the look for a newer version
        CI: "true",
        NO_COLOR: "1",
        CLOUDFLARE_API_TOKEN: TOKEN,
        ...(this.#server && {
          CLOUDFLARE_API_BASE_URL: this.#server.url,
          CLOUDFLARE_ACCOUNT_ID: this.#server.account,
        }),
        ...env,
      },
    });
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
