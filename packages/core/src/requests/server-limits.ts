import { parseLimits } from "../seam/gateway-headers.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { MAX_BULK_KEYS } from "../seam/limits.ts";
import type { Settings } from "../contract/options.ts";

/** For how long a body may be on its way, about: one that is lost is sent again. */
const BODY_TIME: Milliseconds = 10_000;

/** However slow the line is, less than this is not worth a request of the budget. */
const LEAST_BODY_BYTES = 1_000_000;

/** The server's limits: those of Cloudflare's API, until an answer shows that it is a gateway. */
export class ServerLimits {
  /** The most keys of a bulk write or delete. */
  bulkKeys: number = MAX_BULK_KEYS;
  /** How far apart the writes of a key are. */
  writeInterval: Milliseconds;
  #isGateway = false;
  #bulkBytes: number;
  /** What the line carries in {@link BODY_TIME}, as far as it was found slow. */
  #lineBytes: number = Number.POSITIVE_INFINITY;
  readonly #ownPace: boolean;
  readonly #mayBeGateway: boolean;

  /** @param mayBeGateway Whether this could be one: Cloudflare's own API is none, whatever it says. */
  constructor({ batch, writeInterval, ownPace }: Settings, mayBeGateway: boolean) {
    this.#bulkBytes = batch.maxBytes;
    this.writeInterval = writeInterval;
    this.#ownPace = ownPace;
    this.#mayBeGateway = mayBeGateway;
  }

  /** The most bytes of a bulk write's body: what the other side takes, and less over a slow line. */
  get bulkBytes(): number {
    return Math.min(this.#bulkBytes, this.#lineBytes);
  }

  /**
   * Records how many bytes of a bulk write's body went out in which time, without the wait for the answer. Later bodies
   * fit that.
   */
  took(bytes: number, time: Milliseconds, isDone: boolean): void {
    if (time > BODY_TIME && bytes >= LEAST_BODY_BYTES)
      this.#lineBytes = Math.max(LEAST_BODY_BYTES, (bytes * BODY_TIME) / time);
    else if (isDone && time < BODY_TIME / 4 && bytes > this.#lineBytes / 2) this.#lineBytes *= 2;
  }

  /** Whether it is a gateway, as far as is known. */
  get isGateway(): boolean {
    return this.#isGateway;
  }

  /** Processes an answer's limits header; the first one with limits counts. */
  heed(header: string | undefined): void {
    if (header === undefined || this.#isGateway || !this.#mayBeGateway) return;
    const told = parseLimits(header);
    if (told === undefined) return;
    this.#isGateway = true;
    this.bulkKeys = Math.min(this.bulkKeys, told.bulkKeys);
    this.#bulkBytes = Math.min(this.#bulkBytes, told.bulkBytes);
    if (!this.#ownPace) this.writeInterval = told.writeInterval;
  }
}
