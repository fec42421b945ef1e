import { createClient, createKV, type KV, type KVClient, type KVClientOptions } from "@kvplug/core";
import { startServer, type RunningServer, type ServerOptions } from "@kvplug/server";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { clear } from "./namespace.ts";

export const TOKEN = "test-token-0123456789-0123456789";

/** A server with the namespace `test`, and the driver in front of it. */
export interface RestSetup {
  readonly server: RunningServer;
  readonly client: KVClient;
  readonly kv: KV;
  close(): Promise<void>;
}

/** The options by which a driver reaches a server. */
export function accountOf(server: Pick<RunningServer, "url" | "account">): {
  baseURL: string;
  accountId: string;
  apiToken: string;
} {
  return { baseURL: server.url, accountId: server.account, apiToken: TOKEN };
}

/** Starts a server and opens the driver on it. */
export async function startRest(options: ServerOptions = {}, clientOptions: KVClientOptions = {}): Promise<RestSetup> {
  const server = await startServer({ token: TOKEN, namespaces: ["test"], ...options });
  // Tests write a key as often as they like; those of the pace set it.
  const common = { ...accountOf(server), writeInterval: 0, ...clientOptions };
  const client = createClient(common);
  const kv = createKV({ ...common, namespaceId: server.namespaces[0]!.id });
  return {
    server,
    client,
    kv,
    close: async () => {
      await Promise.all([client.close(), kv.close()]);
      await server.close();
    },
  };
}

/** A server for all tests of a file or block; its namespace is empty and its counts are zero before each. */
export function useRest(options: ServerOptions = {}, clientOptions: KVClientOptions = {}): Omit<RestSetup, "close"> {
  let setup: RestSetup | undefined;
  beforeAll(async () => {
    setup = await startRest(options, clientOptions);
  });
  beforeEach(async () => {
    await clear(setup!.server.kv("test"));
    setup!.server.requests.reset();
  });
  afterAll(() => setup?.close());
  return {
    get server() {
      return setup!.server;
    },
    get client() {
      return setup!.client;
    },
    get kv() {
      return setup!.kv;
    },
  };
}
