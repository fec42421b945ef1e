import { quoteKey } from "@kvplug/core/seam";
import type { KVCallOptions, KVPutOptions, KVValue, Milliseconds } from "@kvplug/core/seam";
import type { KVPair } from "../backend.ts";
import { ApiError, CODE } from "../routes/errors.ts";
import { ForwardingNamespace } from "./forwarding.ts";
import type { BulkNamespace } from "./forwarding.ts";
import type { WriteLimit } from "./options.ts";

/** Limits how often one key is written or deleted. */
export class WriteLimited extends ForwardingNamespace {
  readonly #limit: WriteLimit;
  readonly #now: () => Milliseconds;
  /** When the writes of a key so far would be over, had they come one by one at the limit's pace. */
  readonly #paidUntil = new Map<string, Milliseconds>();
  #cleanAt = 1000;

  constructor(inner: BulkNamespace, limit: WriteLimit, now: () => Milliseconds) {
    super(inner);
    this.#limit = limit;
    this.#now = now;
  }

  override async put(key: string, value: KVValue, options?: KVPutOptions): Promise<void> {
    this.#check(key);
    await this.inner.put(key, value, options);
  }

  override async delete(key: string, options?: KVCallOptions): Promise<void> {
    this.#check(key);
    await this.inner.delete(key, options);
  }

  override async putMany(pairs: readonly KVPair[]): Promise<string[]> {
    const refused = new Set(pairs.map(({ key }) => key).filter((key) => !this.#take(key)));
    return [...refused, ...(await this.inner.putMany(pairs.filter(({ key }) => !refused.has(key))))];
  }

  override async deleteMany(keys: readonly string[]): Promise<string[]> {
    const refused = new Set(keys.filter((key) => !this.#take(key)));
    return [...refused, ...(await this.inner.deleteMany(keys.filter((key) => !refused.has(key))))];
  }

  #check(key: string): void {
    if (this.#take(key)) return;
    const { interval, burst } = this.#limit;
    throw new ApiError(
      429,
      CODE.writeLimit,
      `Please wait and consider throttling your request speed: ${quoteKey(key)} may be written once per ${interval} ms` +
        (burst === 1 ? "." : `, and ${burst} times at once.`),
    );
  }

  #take(key: string): boolean {
    const { interval, burst } = this.#limit;
    const now = this.#now();
    const paidUntil = Math.max(now, this.#paidUntil.get(key) ?? now);
    if (paidUntil - now > (burst - 1) * interval) return false;
    this.#paidUntil.set(key, paidUntil + interval);
    if (this.#paidUntil.size > this.#cleanAt) this.#clean(now);
    return true;
  }

  /** Forgets the keys that may be written again anyway. */
  #clean(now: Milliseconds): void {
    for (const [key, paidUntil] of this.#paidUntil) if (paidUntil <= now) this.#paidUntil.delete(key);
    this.#cleanAt = 1000 + 2 * this.#paidUntil.size;
  }
}
