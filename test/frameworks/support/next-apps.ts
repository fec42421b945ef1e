import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { freePort } from "../../support/free-port.ts";
import type { BuiltApp, RunningApp } from "./app.ts";

/** What the apps fetch: it says a number, which a test changes, and counts who asks. */
export class Origin implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    const path = request.url!;
    this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
    response.end(`v${this.version}`);
  });
  /** How often each path was asked for. */
  readonly asked: Map<string, number> = new Map();
  version = 1;

  static async start(): Promise<Origin> {
    const origin = new Origin();
    origin.#server.listen(0, "127.0.0.1");
    await once(origin.#server, "listening");
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** A page as the apps make it. */
export interface Seen {
  /** Which making of it this is. */
  readonly made: string;
  /** What the origin said then. */
  readonly data: string;
  /** What Next says of its cache. */
  readonly cache: string | null;
  readonly text: string;
}

/** An instance of an app, on a port of its own. */
export class Instance {
  readonly #app: RunningApp;

  constructor(app: RunningApp) {
    this.#app = app;
  }

  /** Starts one. */
  static async open(app: BuiltApp, env: Record<string, string>): Promise<Instance> {
    return new Instance(await app.start(env, await freePort()));
  }

  /** Starts one, for the rest of the test. */
  static async start(app: BuiltApp, env: Record<string, string>): Promise<Instance> {
    const instance = await Instance.open(app, env);
    onTestFinished(() => instance.stop());
    return instance;
  }

  log(): string {
    return this.#app.log();
  }

  stop(): Promise<void> {
    return this.#app.stop();
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return this.#app.fetch(path, init);
  }

  async see(path: string, init?: RequestInit): Promise<Seen> {
    const response = await this.fetch(path, init);
    const text = await response.text();
    const made = /made (?:<!-- -->)?([\da-f-]{36})/.exec(text)?.[1];
    if (response.status !== 200 || made === undefined) {
      throw new Error(`${path}: ${response.status}\n${text.slice(0, 500)}\n${this.log()}`);
    }
    const data = /data ((?:v\d+ ?)+)/.exec(text)?.[1]?.trim() ?? "";
    return { made, data, cache: response.headers.get("x-nextjs-cache"), text };
  }

  async post(path: string): Promise<void> {
    const response = await this.fetch(path, { method: "POST" });
    if (!response.ok) throw new Error(`${path}: ${response.status}\n${this.log()}`);
    await response.text();
  }

  /** Sends the form of a page, as a browser without JavaScript does. */
  async send(path: string): Promise<Seen> {
    const { text } = await this.see(path);
    const form = new FormData();
    for (const [, name, value = ""] of text.matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g)) {
      form.append(name!, value.replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
    }
    return this.see(path, { method: "POST", body: form });
  }
}
