/** What is published on the channel {@link CACHE_CHANNEL}. Values never are. */
export type CacheEvent =
  /** A read was answered from a copy, or from a write that is under way. */
  | { readonly type: "hit"; readonly key: string }
  /** A read must ask the backend. */
  | { readonly type: "miss"; readonly key: string }
  /** A read was answered from a copy that is past its `ttl`. */
  | { readonly type: "stale"; readonly key: string; readonly why: "revalidating" | "error" | "slow" | "circuit" }
  /** A copy had to go for others. */
  | { readonly type: "evict"; readonly key: string }
  /** Copies were forgotten, on the word of this process or of another one. */
  | {
      readonly type: "invalidate";
      readonly keys?: readonly string[];
      readonly prefix?: string;
      readonly tags?: readonly string[];
      readonly remote: boolean;
    }
  /** Something failed that no caller is told of. */
  | {
      readonly type: "error";
      readonly during: "refresh" | "wrap" | "bus";
      readonly key?: string;
      readonly error: unknown;
    }
  /** The circuit opened or closed. */
  | { readonly type: "circuit"; readonly open: boolean };

interface Channel {
  readonly hasSubscribers: boolean;
  publish(event: CacheEvent): void;
}

/** The name of the channel of `node:diagnostics_channel`. */
export const CACHE_CHANNEL = "kvplug:cache";

// Not imported, since it is not there where there is no Node.
const diagnostics = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel") as
  | { channel(name: string): Channel }
  | undefined;

/** Where events go. Whoever publishes asks for `hasSubscribers` first, so that an event nobody wants is never made. */
export const events: Channel = diagnostics?.channel(CACHE_CHANNEL) ?? { hasSubscribers: false, publish: () => {} };
