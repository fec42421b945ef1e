import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import type { RunningServer, ServerOptions } from "@kvplug/server";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { clear } from "./namespace.ts";
import { accountOf, useRest } from "./rest.ts";

/** What a suite asks of the server that it stands on, whichever that is. */
export type GroundServer = Pick<RunningServer, "url" | "account" | "namespaces" | "kv" | "requests">;

/** A server with the namespace `test`, and a driver in front of it. */
export interface Ground {
  readonly server: GroundServer;
  readonly kv: KV;
}

let other: (() => GroundServer) | undefined;

/** Has the suites that a file imports from now on stand on this, once it runs, in place of a local server each. */
export function standOn(server: () => GroundServer): void {
  other = server;
}

/**
 * As {@link useRest}, for a suite that is about what stands on a server and not about the server, so that it may stand
 * on another one. That one has no use for the options of the local server.
 */
export function useGround(options: ServerOptions = {}, clientOptions: KVClientOptions = {}): Ground {
  if (other === undefined) return useRest(options, clientOptions);
  const server = other;
  let kv: KV | undefined;
  beforeAll(() => {
    kv = createKV({
      ...accountOf(server()),
      writeInterval: 0,
      ...clientOptions,
      namespaceId: server().namespaces[0]!.id,
    });
  });
  beforeEach(async () => {
    await clear(server().kv("test"));
    server().requests.reset();
  });
  afterAll(() => kv?.close());
  return {
    get server() {
      return server();
    },
    get kv() {
      return kv!;
    },
  };
}
