import { parseLimits } from "./gateway-headers.ts";
import type { Milliseconds } from "./kv-namespace.ts";
import { MAX_BULK_KEYS } from "./limits.ts";
import type { Settings } from "./options.ts";

/** What the other side takes: what Cloudflare's API does, until an answer tells that it is a gateway's. */
export class ServerLimits {
  /** The most keys of a bulk write or delete. */
  bulkKeys: number = MAX_BULK_KEYS;
  /** The most bytes of a bulk write's body. */
  bulkBytes: number;
  /** How far apart the writes of a key are. */
  writeInterval: Milliseconds;
  #isGateway = false;
  readonly #ownPace: boolean;
  readonly #mayBeGateway: boolean;

  /** @param mayBeGateway Whether this could be one: Cloudflare's own API is none, whatever it says. */
  constructor({ batch, writeInterval, ownPace }: Settings, mayBeGateway: boolean) {
    this.bulkBytes = batch.maxBytes;
    this.writeInterval = writeInterval;
    this.#ownPace = ownPace;
    this.#mayBeGateway = mayBeGateway;
  }

  /** Whether it is a gateway, as far as is known. */
  get isGateway(): boolean {
    return this.#isGateway;
  }

  /** Takes note of an answer's header; the first that tells limits counts. */
  heed(header: string | undefined): void {
    if (header === undefined || this.#isGateway || !this.#mayBeGateway) return;
    const told = parseLimits(header);
    if (told === undefined) return;
    this.#isGateway = true;
    this.bulkKeys = Math.min(this.bulkKeys, told.bulkKeys);
    this.bulkBytes = Math.min(this.bulkBytes, told.bulkBytes);
    if (!this.#ownPace) this.writeInterval = told.writeInterval;
  }
}
