import type { Grant } from "@kvplug/server/access";
import { setHeader } from "@kvplug/server/http";
import { ApiError, CODE } from "@kvplug/server/routes";
import type { Place, PlaceVariables } from "@kvplug/server/routes";
import type { Context, MiddlewareHandler } from "hono";
import type { ServerResponse } from "node:http";

/** Bodies and answers up to this size do not count, so that a job which fills the room keeps nobody from a session. */
const SMALL_BYTES = 64 * 1024;

/** What is held: the body of a request, or its answer. */
type Kind = "body" | "answer";

/** A 503 that says when to come back. */
class NoRoom extends ApiError {
  override name = "NoRoom";

  constructor(kind: Kind, bytes: number, why: string) {
    const message = `The proxy has no room for this ${kind} of ${bytes} bytes now: ${why}. Retry it in a second.`;
    super(503, CODE.unavailable, message);
  }
}

type RoomContext = Context<{
  Bindings: { outgoing?: ServerResponse };
  Variables: PlaceVariables & { grant: Grant };
}>;

/**
 * The room in memory for what is large: bodies of requests until they are answered, and answers until their callers have
 * them. What begins has its place, so that it can also end; for what has none, 503 is answered. What finds the room empty
 * always has a place: the API limits every body and every answer.
 */
export class Room {
  readonly #limit: number;
  readonly #limitOfToken: number;
  #bytes = 0;
  readonly #bytesOfTokens: WeakMap<Grant, number> = new WeakMap();

  /**
   * @param limit The most bytes.
   * @param isShared Whether several tokens share it: then none of them holds more than half of it, unless that is one
   *   thing.
   */
  constructor(limit: number, isShared: boolean) {
    this.#limit = limit;
    this.#limitOfToken = isShared ? Math.floor(limit / 2) : limit;
  }

  /** How many bytes are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Gives a request its place. */
  readonly give: MiddlewareHandler = async (c: RoomContext, next) => {
    const { outgoing } = c.env;
    const place = new TakenPlace(this, c.get("grant"));
    c.set("place", place);
    try {
      await next();
    } finally {
      place.hold("body", 0);
      if (place.bytes > 0) {
        if (c.error !== undefined || outgoing === undefined || outgoing.closed) place.leave();
        else outgoing.once("close", () => place.leave());
      }
    }
    if (c.error instanceof NoRoom) setHeader(c, "Retry-After", "1");
  };

  /** Takes room for a token. @returns the answer where there is none. */
  take(grant: Grant, kind: Kind, bytes: number): NoRoom | undefined {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limit) {
      return new NoRoom(kind, bytes, `other requests hold ${this.#bytes} of at most ${this.#limit} (maxHeldBytes)`);
    }
    const ofToken = this.#bytesOfTokens.get(grant) ?? 0;
    if (ofToken > 0 && ofToken + bytes > this.#limitOfToken) {
      const why = `other requests with this token hold ${ofToken} of at most ${this.#limitOfToken} (half of maxHeldBytes)`;
      return new NoRoom(kind, bytes, why);
    }
    this.#add(grant, bytes);
    return undefined;
  }

  /** Gives room back. */
  free(grant: Grant, bytes: number): void {
    this.#add(grant, -bytes);
  }

  #add(grant: Grant, bytes: number): void {
    this.#bytes += bytes;
    this.#bytesOfTokens.set(grant, (this.#bytesOfTokens.get(grant) ?? 0) + bytes);
  }
}

/** What one request holds. */
class TakenPlace implements Place {
  readonly #room: Room;
  readonly #grant: Grant;
  readonly #held: Record<Kind, number> = { body: 0, answer: 0 };

  constructor(room: Room, grant: Grant) {
    this.#room = room;
    this.#grant = grant;
  }

  get bytes(): number {
    return this.#held.body + this.#held.answer;
  }

  holdBody(bytes: number): NoRoom | undefined {
    return this.hold("body", bytes);
  }

  holdAnswer(bytes: number): NoRoom | undefined {
    // It was read to its end.
    this.hold("body", 0);
    return this.hold("answer", bytes);
  }

  /** Holds so many bytes from now on, instead of what it held. */
  hold(kind: Kind, bytes: number): NoRoom | undefined {
    const held = this.#held[kind];
    if (held > 0) this.#room.free(this.#grant, held);
    const noRoom = bytes > SMALL_BYTES ? this.#room.take(this.#grant, kind, bytes) : undefined;
    this.#held[kind] = noRoom === undefined && bytes > SMALL_BYTES ? bytes : 0;
    return noRoom;
  }

  /** Holds nothing any more. */
  leave(): void {
    this.hold("body", 0);
    this.hold("answer", 0);
  }
}
