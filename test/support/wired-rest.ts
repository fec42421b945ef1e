import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import type { ServerOptions } from "@kvplug/server";
import { afterEach, expect } from "vitest";
import { eventually } from "./eventually.ts";
import { useGround, type Ground } from "./ground.ts";
import { accountOf } from "./rest.ts";
import { Wire } from "./wire.ts";

/** A server and drivers on it, with a {@link Wire} in between. */
export interface WiredRest extends Ground {
  readonly wire: Wire;
  /** Another driver on the same namespace, over the same wire. */
  open(options?: KVClientOptions): KV;
  /** What the store holds. */
  stored(key: string): Promise<string | null>;
  /** Resolves when so many requests were sent. */
  sent(count: number): Promise<void>;
}

/** For all tests of a file or block; the wire is as new for each. */
export function useWiredRest(options: ServerOptions = {}): WiredRest {
  const wire = new Wire();
  const rest = useGround(options, { fetch: wire.fetch });
  afterEach(() => wire.reset());
  return {
    wire,
    get server() {
      return rest.server;
    },
    get kv() {
      return rest.kv;
    },
    open: (options = {}) =>
      createKV({
        ...accountOf(rest.server),
        writeInterval: 0,
        fetch: wire.fetch,
        ...options,
        namespaceId: rest.server.namespaces[0]!.id,
      }),
    stored: (key) => rest.server.kv("test").get(key),
    sent: (count) => eventually(() => expect(wire.sent).toHaveLength(count)),
  };
}
