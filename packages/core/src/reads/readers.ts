import { aboutKey } from "../seam/about-key.ts";
import type { Asked, Reader } from "./asked.ts";
import { Caller } from "../calls/caller.ts";
import { KVLimitError, type KVError } from "../seam/errors.ts";
import type { Found } from "../seam/decode.ts";
import type { KVCallOptions } from "../seam/kv-namespace.ts";
import { nobodyWaits } from "../calls/sending.ts";
import type { Requests } from "../requests/requests.ts";
import type { Wanted } from "./read-requests.ts";
import type { WithdrawalListener } from "../seam/withdrawal.ts";

/** The caller of a read, which may be a cache that reads for others. */
abstract class ReadCaller<Result> extends Caller<Result> implements WithdrawalListener {
  withdrawn = false;
  readonly asIs: boolean;

  constructor(requests: Requests, options: KVCallOptions, { withdrawal, asIs = false }: Wanted) {
    super(requests, options);
    this.asIs = asIs;
    if (withdrawal === undefined) return;
    withdrawal.listener = this;
    this.withdrawn = withdrawal.withdrawn;
  }

  /** Whether everything that it still waits for is under way. */
  protected abstract get isSent(): boolean;

  /** What an attempt at something that it still waits for failed with: a cache wants to know that the API is out of order. */
  protected abstract get lastError(): KVError | undefined;

  onWithdraw(): void {
    this.withdrawn = true;
    if (!this.settled && !this.isSent) this.reject(this.lastError ?? nobodyWaits());
  }
}

/** Makes a caller's result of what was found of a key. A read keeps this function for as long as it waits. */
export type ToResult<Result = unknown> = (key: string, found: Found | null) => Result;

/** The caller of a read of one key. */
export class OneRead<Result> extends ReadCaller<Result> implements Reader {
  readonly #toResult: ToResult<Result>;
  #asked: Asked | undefined;

  constructor(requests: Requests, options: KVCallOptions, wanted: Wanted, toResult: ToResult<Result>) {
    super(requests, options, wanted);
    this.#toResult = toResult;
  }

  protected override get isSent(): boolean {
    return this.#asked!.keeper!.isSent;
  }

  protected override get lastError(): KVError | undefined {
    return this.#asked!.keeper!.lastError;
  }

  asks(asked: Asked): void {
    this.#asked = asked;
  }

  found({ key }: Asked, found: Found | null): void {
    try {
      this.resolve(this.#toResult(key, found));
    } catch (error) {
      this.reject(error);
    }
  }

  failed({ key }: Asked, error: unknown): void {
    this.reject(aboutKey(error, key, "read"));
  }

  protected override leaveAll(): void {
    this.#asked!.leave(this);
  }

  protected override lateError(): unknown {
    return aboutKey(this.#asked!.keeper!.lateError(this.deadline), this.#asked!.key, "read");
  }
}

/** The caller of a read of many keys. It is answered when all of them are. */
export class ManyReads extends ReadCaller<Map<string, Found>> implements Reader {
  readonly #asked: Asked[] = [];
  /** How many of them have no answer yet. */
  #left = 0;
  readonly #found: Map<string, Found> = new Map();
  readonly #isOne: boolean;
  readonly #mostBytes: number;
  #bytes = 0;

  /** @param mostBytes How many bytes the values may have together; the rest is not read. */
  constructor(
    requests: Requests,
    options: KVCallOptions,
    wanted: readonly Wanted[],
    mostBytes: number = Number.POSITIVE_INFINITY,
  ) {
    super(requests, options, wanted[0]!);
    this.#isOne = wanted.length === 1;
    this.#mostBytes = mostBytes;
  }

  protected override get isSent(): boolean {
    return this.#asked.every(({ keeper }) => keeper === undefined || keeper.isSent);
  }

  protected override get lastError(): KVError | undefined {
    return this.#asked.find(({ keeper }) => keeper?.lastError !== undefined)?.keeper?.lastError;
  }

  asks(asked: Asked): void {
    this.#asked.push(asked);
    this.#left++;
  }

  found(asked: Asked, found: Found | null): void {
    if (found !== null) this.#keep(asked.key, found);
    if (--this.#left === 0) this.resolve(this.#found);
  }

  #keep(key: string, found: Found): void {
    this.#found.set(key, found);
    // Of text at least this many.
    this.#bytes += typeof found.value === "string" ? found.value.length : found.value.byteLength;
    if (this.#bytes <= this.#mostBytes) return;
    this.#found.clear();
    const message = `The values of these keys may have ${this.#mostBytes} bytes together; those read so far have ${this.#bytes}.`;
    this.reject(new KVLimitError(message, this.#mostBytes, this.#bytes));
  }

  failed({ key }: Asked, error: unknown): void {
    this.reject(this.#isOne ? aboutKey(error, key, "read") : error);
  }

  protected override leaveAll(): void {
    for (const asked of this.#asked) asked.leave(this);
  }

  protected override lateError(): unknown {
    const { key, keeper } = this.#asked.find((asked) => asked.keeper !== undefined)!;
    const error = keeper!.lateError(this.deadline);
    return this.#isOne ? aboutKey(error, key, "read") : error;
  }
}
