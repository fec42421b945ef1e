import { RestNamespace } from "./namespace.ts";
import type { Requests } from "../requests/requests.ts";
import { StoreBuffer } from "../writes/store-buffer.ts";

/**
 * The namespaces of a client that are open, one per id: the writes of a key are in order only where they meet. One that is
 * closed and opened again goes on with the same store buffer while what it left on the wire may still take effect.
 */
export class NamespacesById {
  readonly #requests: Requests;
  readonly #open: Map<string, RestNamespace> = new Map();
  /** The buffers of those that were closed, in that order. */
  readonly #left: Map<string, StoreBuffer> = new Map();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  get(id: string): RestNamespace {
    return this.#open.get(id) ?? this.#openOne(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((kv) => kv.close()));
  }

  #openOne(id: string): RestNamespace {
    const buffer = this.#left.get(id) ?? new StoreBuffer(this.#requests);
    this.#left.delete(id);
    this.#forgetIdle();
    const onClose = async (): Promise<void> => {
      this.#open.delete(id);
      this.#left.set(id, buffer);
      this.#forgetIdle();
    };
    const kv = new RestNamespace(this.#requests, () => id, onClose, buffer);
    this.#open.set(id, kv);
    return kv;
  }

  /** Up to the first that is not idle: those that were closed after it seldom are. */
  #forgetIdle(): void {
    for (const [id, buffer] of this.#left) {
      if (!buffer.isIdle) return;
      this.#left.delete(id);
    }
  }
}
