import type { KVClient } from "@kvplug/core";
import { isKVError, reasonOf } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import type { MiddlewareHandler } from "hono";
import type { ProxyLog } from "./log.ts";

/** How long the first look at upstream may take. */
const PATIENCE: Milliseconds = 5000;

/** What no later look will find otherwise: the credential, the account or the configuration is wrong. */
const LASTING: ReadonlySet<string> = new Set(["KV_CONFIG", "KV_AUTH", "KV_NOT_FOUND"]);

/**
 * Whether the proxy should get requests: from when upstream has answered once until it ends. An outage of upstream that
 * comes later is no reason to take it out of service: it would answer from its cache, and every other proxy has the same.
 */
export class Health {
  readonly #client: KVClient;
  readonly #log: ProxyLog;
  #isReached = false;
  #isEnding = false;
  #look: Promise<string | undefined> | undefined;

  constructor(client: KVClient, log: ProxyLog) {
    this.#client = client;
    this.#log = log;
  }

  /**
   * Looks for upstream once; goes on where it cannot be reached now.
   *
   * @throws {KVError} `KV_CONFIG`, `KV_AUTH` or `KV_NOT_FOUND` where the credential or the account is wrong.
   */
  async start(): Promise<void> {
    try {
      await this.#reach();
    } catch (error) {
      if (isKVError(error) && LASTING.has(error.code)) throw error;
      this.#log.warn({ reason: reasonOf(error) }, "upstream cannot be reached yet");
    }
  }

  /** From now on, requests are for others. */
  end(): void {
    this.#isEnding = true;
  }

  /** Answers `/livez` and `/readyz`, to everybody. */
  readonly routes: MiddlewareHandler = async (c, next) => {
    if (c.req.method !== "GET") return next();
    if (c.req.path === "/livez") return c.text("ok\n");
    if (c.req.path !== "/readyz") return next();
    const why = await this.#whyNotReady();
    return why === undefined ? c.text("ok\n") : c.text(`${why}\n`, 503);
  };

  async #whyNotReady(): Promise<string | undefined> {
    if (this.#isEnding) return "ending";
    if (this.#isReached) return undefined;
    return (this.#look ??= this.#lookAgain().finally(() => (this.#look = undefined)));
  }

  async #lookAgain(): Promise<string | undefined> {
    try {
      await this.#reach();
      return undefined;
    } catch (error) {
      // What it says of upstream is for the log.
      this.#log.warn({ reason: reasonOf(error) }, "upstream cannot be reached yet");
      return "upstream cannot be reached";
    }
  }

  async #reach(): Promise<void> {
    try {
      await this.#client.namespaces.page(1, { deadline: PATIENCE });
    } catch (error) {
      // It answers, and lets in no more for now.
      if (!isKVError(error) || error.code !== "KV_RATE_LIMIT") throw error;
    }
    this.#isReached = true;
  }
}
