import { afterAll, beforeAll, expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { listAll } from "../../support/namespace.ts";
import { StoppableServer } from "../../support/stoppable-server.ts";
import { Origin } from "./next-apps.ts";

const TOKEN = "token-of-the-apps-0123456789";

/** What the apps of Next.js stand on while the tests of a file run: an origin that they fetch from, and KV. */
export interface NextGround {
  readonly origin: Origin;
  readonly server: StoppableServer;
  /** What leads an app to both. */
  account(): Record<string, string>;
  /** As {@link account}, and how soon what others do is seen: soon, or not within a test. */
  seeing(ttl: number, tagTtl: number): Record<string, string>;
  keys(prefix: string): Promise<string[]>;
  /** Resolves with its key once a page is in KV: it is written behind the visitor's back. */
  stored(path: string): Promise<string>;
  /** Tells what the origin says from now on. */
  change(): string;
}

/** To be called at the top of a file. */
export function useNextGround(): NextGround {
  let origin: Origin;
  let server: StoppableServer;
  beforeAll(async () => {
    origin = await Origin.start();
    server = await StoppableServer.start({ token: TOKEN, namespaces: ["test"] });
  });
  afterAll(async () => {
    await origin[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const account = (): Record<string, string> => ({
    ORIGIN: origin.url,
    CLOUDFLARE_API_BASE_URL: server.url,
    CLOUDFLARE_ACCOUNT_ID: server.server.account,
    CLOUDFLARE_KV_NAMESPACE_ID: server.server.namespaces[0]!.id,
    CLOUDFLARE_API_TOKEN: TOKEN,
    // A machine that is busy with other work is slow, and is not to be taken for an outage.
    KVPLUG_NEXT_DEADLINE: "60000",
  });
  const keys = async (prefix: string): Promise<string[]> =>
    (await listAll(server.server.kv("test"), { prefix })).map(({ name }) => name);

  return {
    get origin() {
      return origin;
    },
    get server() {
      return server;
    },
    account,
    seeing: (ttl, tagTtl) => ({ ...account(), KVPLUG_NEXT_TTL: String(ttl), KVPLUG_NEXT_TAG_TTL: String(tagTtl) }),
    keys,
    stored: (path) =>
      eventually(async () => {
        const key = (await keys("next:page:")).find((name) => name.endsWith(path));
        expect(key).toBeDefined();
        return key!;
      }),
    change: () => `v${++origin.version}`,
  };
}
