import { isRead } from "@kvplug/server/access";
import { ApiError, CODE } from "@kvplug/server/routes";
import type { Context, MiddlewareHandler } from "hono";
import type { ServerResponse } from "node:http";

/** What Node knows of a request. */
type NodeContext = Context<{ Bindings: { outgoing?: ServerResponse }; Variables: { signal: AbortSignal } }>;

/** Nobody is left to answer. */
export class CallerGone extends ApiError {
  override name = "CallerGone";

  constructor() {
    super(503, CODE.unavailable, "The caller has gone.");
  }
}

/** The requests that are being answered: what ends with them, and how many there are. */
export class RunningCalls {
  readonly #running: Set<AbortController> = new Set();

  get count(): number {
    return this.#running.size;
  }

  /**
   * Gives each request a `signal`. It is aborted when the caller of a read has gone: nobody is left to answer. A write
   * that has arrived is made all the same, as it would be at Cloudflare.
   */
  readonly track: MiddlewareHandler = async (c: NodeContext, next) => {
    const controller = new AbortController();
    const { outgoing } = c.env;
    const leave = (): void => controller.abort(new CallerGone());
    if (isRead(c.req.method, c.req.path)) outgoing?.once("close", leave);
    this.#running.add(controller);
    c.set("signal", controller.signal);
    try {
      await next();
    } finally {
      this.#running.delete(controller);
      outgoing?.off("close", leave);
    }
  };

  /** Ends the waits of all. */
  end(reason: unknown): void {
    for (const controller of this.#running) controller.abort(reason);
  }
}
