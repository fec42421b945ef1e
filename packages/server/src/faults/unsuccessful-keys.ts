import type { KVPair } from "../backend.ts";
import { ForwardingNamespace } from "./forwarding.ts";
import type { BulkNamespace } from "./forwarding.ts";
import type { Random } from "./random.ts";

/** Lets a share of the keys of bulk requests fail: they are not written, and reported. */
export class UnsuccessfulKeys extends ForwardingNamespace {
  readonly #share: number;
  readonly #random: Random;

  constructor(inner: BulkNamespace, share: number, random: Random) {
    super(inner);
    this.#share = share;
    this.#random = random;
  }

  override async putMany(pairs: readonly KVPair[]): Promise<string[]> {
    const failed = this.#draw(pairs.map(({ key }) => key));
    return [...failed, ...(await this.inner.putMany(pairs.filter(({ key }) => !failed.has(key))))];
  }

  override async deleteMany(keys: readonly string[]): Promise<string[]> {
    const failed = this.#draw(keys);
    return [...failed, ...(await this.inner.deleteMany(keys.filter((key) => !failed.has(key))))];
  }

  #draw(keys: readonly string[]): Set<string> {
    return new Set(keys.filter(() => this.#random() < this.#share));
  }
}
