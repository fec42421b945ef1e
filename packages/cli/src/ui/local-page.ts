import { PageSession, PROCESS_PATH, servePage, type FaultSettings } from "@kvplug/explorer";
import type { RunningServer } from "@kvplug/server";
import { onlyLoopback } from "@kvplug/server/http";
import { refuseForeignPages } from "@kvplug/server/routes";
import type { Context as HonoContext, MiddlewareHandler } from "hono";
import { every } from "hono/combine";
import type { Connections } from "../connect/connections.ts";
import type { Context } from "../context.ts";
import { printable } from "../printable.ts";
import type { ServerFlags } from "../serve/server-flags.ts";
import { refuseOtherOrigins } from "./own-origin.ts";
import { KeptWorks } from "./kept-work.ts";
import { nameOfFile } from "./name-of-file.ts";
import { PageProcess, type PageSource } from "./page-process.ts";
import { below, isOfPage } from "./paths.ts";

/** The page of a local server: without a token it is for this machine, and with one for who has its address. */
export class LocalPage {
  readonly #context: Context;
  readonly #flags: ServerFlags;
  readonly #token: string | undefined;
  readonly #session: PageSession = new PageSession();
  readonly #process: PageProcess;
  #source: PageSource | undefined;
  #connections: Connections | undefined;

  constructor(context: Context, flags: ServerFlags, token: string | undefined) {
    this.#context = context;
    this.#flags = flags;
    this.#token = token;
    this.#process = new PageProcess(context.env, () => this.#source!);
    const guard = token === undefined ? onlyLoopback : this.#session.guard;
    const page = every(
      refuseForeignPages,
      refuseOtherOrigins,
      guard,
      servePage(),
      below(PROCESS_PATH, this.#process.answer),
    );
    this.answer = (c, next) => (isOfPage(c.req.path) ? page(c, next) : this.#process.log(c, next));
  }

  /** The step of the server that serves the page. */
  readonly answer: MiddlewareHandler;

  /** Whether a request of the page itself shows its session, which stands for the token. */
  readonly hasSession = (c: HonoContext): boolean => this.#session.has(c);

  /** Shows this server, which has just been started. */
  show(server: RunningServer): void {
    const { data } = this.#flags;
    const { url, account } = server;
    let faults = faultsOf(this.#flags);
    this.#source = {
      about: {
        place: "local",
        label: `this server, ${data === undefined ? "in memory" : `the file ${printable(data)}`}`,
        account,
        apiURL: url,
        readOnly: false,
      },
      connections: () => this.#openConnections(url, account),
      kept: data === undefined ? KeptWorks.ofThisRun() : KeptWorks.of(nameOfFile(data), this.#context.env),
      figures: () => ({ requests: server.requests.total, counts: server.requests.byRoute }),
      faults: {
        get: () => faults,
        set: (settings) => {
          server.inject(settings);
          faults = settings;
        },
      },
    };
  }

  /** Where the page is. Where a token is demanded, the address is a secret. */
  link({ url }: RunningServer): string {
    const { origin } = new URL(url);
    return this.#token === undefined ? `${origin}/` : this.#session.link(origin);
  }

  async close(): Promise<void> {
    await this.#process.close();
    await this.#connections?.[Symbol.asyncDispose]();
  }

  /** The driver is loaded, and connected to this very server, when there is work on many keys. */
  async #openConnections(apiUrl: string, account: string): Promise<Connections> {
    const { Connections } = await import("../connect/connections.ts");
    const token = this.#token ?? "any";
    this.#connections ??= Connections.toAccount(this.#context, { apiUrl, account, token });
    const { data } = this.#flags;
    if (data !== undefined) this.#connections.nameAccount(nameOfFile(data));
    return this.#connections;
  }
}

/** The faults that the command line asks for. */
function faultsOf({ latency, rateLimit, writeLimit, faults, eventual }: ServerFlags): FaultSettings {
  return {
    latency,
    rateLimit,
    writeLimit: writeLimit !== undefined && writeLimit !== false,
    faults,
    consistency: eventual === undefined ? undefined : { propagation: eventual },
  };
}
