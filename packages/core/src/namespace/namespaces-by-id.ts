import { RestNamespace } from "./namespace.ts";
import type { Requests } from "../requests/requests.ts";
import { StoreBuffer } from "../writes/store-buffer.ts";

/**
 * The open namespaces of a client, one per id: the writes of a key are in order only where they meet. One that is closed
 * and opened again goes on with the same store buffer, while what it left on the wire may still take effect.
 */
export class NamespacesById {
  readonly #requests: Requests;
  readonly #open: Map<string, RestNamespace> = new Map();
  /** The store buffers of closed ones, in the order in which they were closed. */
  readonly #closed: Map<string, StoreBuffer> = new Map();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Returns the namespace, and opens it if it is not open. */
  get(id: string): RestNamespace {
    return this.#open.get(id) ?? this.#openOne(id);
  }

  /** Closes all that are open. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((kv) => kv.close()));
  }

  #openOne(id: string): RestNamespace {
    const buffer = this.#closed.get(id) ?? new StoreBuffer(this.#requests);
    this.#closed.delete(id);
    this.#forgetIdle();
    const onClose = async (): Promise<void> => {
      this.#open.delete(id);
      this.#closed.set(id, buffer);
      this.#forgetIdle();
    };
    const kv = new RestNamespace(this.#requests, () => id, onClose, buffer);
    this.#open.set(id, kv);
    return kv;
  }

  /** Forgets idle buffers, up to the first that is not idle: the others were closed after it. */
  #forgetIdle(): void {
    for (const [id, buffer] of this.#closed) {
      if (!buffer.isIdle) return;
      this.#closed.delete(id);
    }
  }
}
