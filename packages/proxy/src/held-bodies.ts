import { ApiError, CODE } from "@kvplug/server/routes";
import type { BodyVariables } from "@kvplug/server/routes";
import type { Context, MiddlewareHandler } from "hono";

/** Bodies up to this size do not count, so that an import which fills the room keeps nobody from writing a session. */
const SMALL_BYTES = 64 * 1024;

/** A 503 that says when to come back. */
class NoRoom extends ApiError {
  override name = "NoRoom";

  constructor(limit: number, bytes: number, held: number) {
    super(
      503,
      CODE.unavailable,
      `The proxy holds large request bodies of at most ${limit} bytes at once (maxHeldBytes). ` +
        `This one needs ${bytes}, and those of other requests have ${held}. Retry it in a second.`,
    );
  }
}

/**
 * The large bodies of all requests that are not answered yet: how many bytes they have, and how many they may have. A body
 * counts with its declared length as soon as it begins, so that what has begun can also end.
 */
export class HeldBodies {
  readonly #limit: number;
  #bytes = 0;

  /** @param limit The most bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many bytes they have now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts the body of a request until it is answered, or refuses it with 503. */
  readonly count: MiddlewareHandler = async (c: Context<{ Variables: BodyVariables }>, next) => {
    if (c.req.method === "GET") return next();
    let own = 0;
    c.set("holdBody", (bytes) => {
      if (bytes <= SMALL_BYTES) return undefined;
      const others = this.#bytes - own;
      const hasRoom = others + bytes <= this.#limit;
      own = hasRoom ? bytes : 0;
      this.#bytes = others + own;
      return hasRoom ? undefined : new NoRoom(this.#limit, bytes, others);
    });
    try {
      await next();
    } finally {
      this.#bytes -= own;
    }
    if (c.error instanceof NoRoom) c.header("Retry-After", "1");
  };
}
