/** An event on the channel {@link CACHE_CHANNEL}, never with a value. */
export type CacheEvent =
  /** A copy or a pending write answered a read. */
  | { readonly type: "hit"; readonly key: string }
  /** A read needs the backend. */
  | { readonly type: "miss"; readonly key: string }
  /** A copy past its `ttl` answered a read. */
  | { readonly type: "stale"; readonly key: string; readonly why: "revalidating" | "error" | "slow" | "circuit" }
  /** A copy was evicted to make room. */
  | { readonly type: "evict"; readonly key: string }
  /** This process or another one invalidated copies. */
  | {
      readonly type: "invalidate";
      readonly keys?: readonly string[];
      readonly prefix?: string;
      readonly tags?: readonly string[];
      readonly remote: boolean;
    }
  /** Something failed, and no caller got the error. */
  | {
      readonly type: "error";
      readonly during: "refresh" | "wrap" | "bus";
      readonly key?: string;
      readonly error: unknown;
    }
  /** The circuit breaker opened or closed. */
  | { readonly type: "circuit"; readonly open: boolean };

interface Channel {
  readonly hasSubscribers: boolean;
  publish(event: CacheEvent): void;
}

/** The name of the `node:diagnostics_channel` channel. */
export const CACHE_CHANNEL = "kvplug:cache";

// Not imported, since it is not there where there is no Node.
const diagnostics = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel") as
  | { channel(name: string): Channel }
  | undefined;

/** Publishes events. Check `hasSubscribers` before you create one. */
export const events: Channel = diagnostics?.channel(CACHE_CHANNEL) ?? { hasSubscribers: false, publish: () => {} };
