import {
  CALL_OPTIONS,
  checkOptionNames,
  describe,
  KVError,
  MIN_EXPIRATION_TTL_SECONDS,
  type KVPutOptions,
  type Milliseconds,
} from "@kvplug/core/seam";
import type { WrapOptions } from "./cached-kv.ts";
import { isOutage } from "./circuit.ts";
import { valueOf, type Content } from "./content.ts";
import { events, type CacheEvent } from "./events.ts";
import { whole, type CacheSettings } from "./options.ts";
import type { CacheCounts } from "./stats.ts";
import { checkCall, waitFor } from "./waiting.ts";

/** The member of the metadata that tells until when a value of `wrap` is good, in milliseconds since 1970. */
const FRESH_UNTIL = "kvplug:freshUntil";

const WRAP_OPTIONS = ["ttl", "refreshThreshold", ...CALL_OPTIONS] as const;

/** Makes a value, which must be JSON. */
type Factory = () => unknown;

/** The namespace as `wrap` uses it. */
interface Namespace {
  read(key: string): Content | Promise<Content>;
  put(key: string, value: string, options: KVPutOptions): Promise<void>;
}

/** Values that a factory makes where there is none: for each key one factory runs at a time. */
export class Wraps {
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts;
  readonly #namespace: Namespace;
  /** What is being made, as JSON. */
  readonly #making: Map<string, Promise<string | undefined>> = new Map();

  constructor(settings: CacheSettings, counts: CacheCounts, namespace: Namespace) {
    this.#settings = settings;
    this.#counts = counts;
    this.#namespace = namespace;
  }

  /** @returns What {@link valueOf} makes of the JSON, for each caller anew; `undefined` where the factory made that. */
  async wrap(key: string, factory: Factory, options: WrapOptions): Promise<unknown> {
    checkOptionNames("wrap", options, WRAP_OPTIONS);
    if (typeof factory !== "function") {
      throw new KVError("KV_INVALID", `wrap needs a function that makes the value, not ${describe(factory)}.`);
    }
    const { refreshThreshold = 0, ttl = this.#settings.ttl, ...call } = options;
    whole("ttl", "milliseconds", ttl, 1);
    whole("refreshThreshold", "milliseconds", refreshThreshold, 0);
    checkCall(call);
    const caller = { waits: true };
    const value = this.#find(key, factory, ttl, refreshThreshold, caller);
    return waitFor(key, value, call).finally(() => {
      caller.waits = false;
    });
  }

  /** @param caller For one that waits no more, nothing is made. */
  async #find(
    key: string,
    factory: Factory,
    ttl: Milliseconds,
    refreshThreshold: Milliseconds,
    caller: { readonly waits: boolean },
  ): Promise<unknown> {
    const { staleWhileRevalidate, staleIfError } = this.#settings;
    const content = await this.#read(key);
    if (!caller.waits) return undefined;
    const made = content === undefined || content.data === null ? undefined : content;
    const left = made === undefined ? Number.NEGATIVE_INFINITY : freshUntilOf(made) - Date.now();
    if (made !== undefined && left > -staleWhileRevalidate) {
      if (left <= refreshThreshold) this.#refresh(key, factory, ttl);
      if (left <= 0) this.#publishStale(key, "revalidating");
      return valueOf(key, made, "json");
    }
    try {
      const json = await this.#make(key, factory, ttl);
      return json === undefined ? undefined : JSON.parse(json);
    } catch (error) {
      if (made === undefined || left <= -staleIfError) throw error;
      this.#publishStale(key, "error");
      return valueOf(key, made, "json");
    }
  }

  /** What is there; `undefined` where the backend is out of order, which must not keep a value from being made. */
  async #read(key: string): Promise<Content | undefined> {
    try {
      return await this.#namespace.read(key);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#failed({ type: "error", during: "wrap", key, error });
      return undefined;
    }
  }

  #refresh(key: string, factory: Factory, ttl: Milliseconds): void {
    if (this.#making.has(key)) return;
    this.#make(key, factory, ttl).catch((error: unknown) =>
      this.#failed({ type: "error", during: "refresh", key, error }),
    );
  }

  #make(key: string, factory: Factory, ttl: Milliseconds): Promise<string | undefined> {
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#makeAndStore(key, factory, ttl).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return making;
  }

  async #makeAndStore(key: string, factory: Factory, ttl: Milliseconds): Promise<string | undefined> {
    const json: string | undefined = JSON.stringify(await factory());
    if (json === undefined) return undefined;
    const { staleWhileRevalidate, staleIfError } = this.#settings;
    const kept = ttl + Math.max(staleWhileRevalidate, staleIfError);
    try {
      await this.#namespace.put(key, json, {
        // A second more: KV expires keys at whole seconds, and would cut what is left of this one.
        expirationTtl: Math.max(MIN_EXPIRATION_TTL_SECONDS, Math.ceil(kept / 1000) + 1),
        metadata: { [FRESH_UNTIL]: Date.now() + ttl },
      });
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#failed({ type: "error", during: "wrap", key, error });
    }
    return json;
  }

  #publishStale(key: string, why: "revalidating" | "error"): void {
    this.#counts.stale++;
    if (events.hasSubscribers) events.publish({ type: "stale", key, why });
  }

  #failed(event: CacheEvent): void {
    this.#counts.errors++;
    if (events.hasSubscribers) events.publish(event);
  }
}

/** Until when a value is good; what another hand than `wrap`'s put there is good as long as it is there. */
function freshUntilOf({ metadata }: Content): Milliseconds {
  const freshUntil: unknown = metadata === undefined ? undefined : JSON.parse(metadata)?.[FRESH_UNTIL];
  return typeof freshUntil === "number" ? freshUntil : Number.POSITIVE_INFINITY;
}
