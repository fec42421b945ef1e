import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core/seam";
import { KeyvKV } from "@kvplug/keyv";
import { Keyv } from "keyv";
import * as test from "vitest";
import { useVirtualTime } from "../support/clock.ts";
import { openGateway } from "../support/gateway.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { startRest } from "../support/rest.ts";

const { afterAll, beforeAll, describe } = test;
type Run = (context: test.TestContext) => unknown;

/** Keyv's own suite, with Keyv 5, over what each of these opens. */
const grounds: Record<string, () => Promise<{ kv: KVNamespace<any>; close(): Promise<void> }>> = {
  "the REST driver": () => startRest(),
  "a cache over the REST driver": async () => {
    const { kv, close } = await startRest();
    return { kv: withCache(kv, { max: 1000 }), close };
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
  const time = useVirtualTime();
  const store = (): KeyvKV => new KeyvKV(ground.kv);
  // It sleeps until values are over, and expects that they are not before.
  const it = (name: string, run: Run): void => test.it(name, (context) => time.until(Promise.resolve(run(context))));
  // It brings the types of an older vitest.
  keyvTestSuite({ ...test, it } as any, Keyv, store);
  keyvIteratorTests({ ...test, it } as any, Keyv, store);
});
