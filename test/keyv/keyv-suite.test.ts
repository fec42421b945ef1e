import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core/seam";
import { KeyvKV } from "@kvplug/keyv";
import { Keyv } from "keyv";
import * as test from "vitest";
import { openGateway } from "../support/gateway.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { startRest } from "../support/rest.ts";

const { afterAll, beforeAll, describe } = test;

/** Keyv's own suite, with Keyv 5, over what each of these opens. */
const grounds: Record<string, () => Promise<{ kv: KVNamespace<any>; close(): Promise<void> }>> = {
  "the REST driver": () => startRest(),
  "a cache over the REST driver": async () => {
    const { kv, close } = await startRest();
    return { kv: withCache(kv, { max: 1000, deadline: Infinity }), close };
  },
  "Miniflare's env.KV": openMiniflare,
  "the REST driver in front of a gateway": openGateway,
};

describe.each(Object.entries(grounds))("Keyv's own suite over %s", (_name, openGround) => {
  let ground: Awaited<ReturnType<typeof openGround>>;
  beforeAll(async () => {
    ground = await openGround();
  });
  afterAll(() => ground.close());
  const store = (): KeyvKV => new KeyvKV(ground.kv);
  // It brings the types of an older vitest.
  keyvTestSuite(test as any, Keyv, store);
  keyvIteratorTests(test as any, Keyv, store);
});
