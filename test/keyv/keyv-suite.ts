import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import type { KVNamespace } from "@kvplug/core/seam";
import { KeyvKV } from "@kvplug/keyv";
import { Keyv } from "keyv";
import * as test from "vitest";
import { useVirtualTime } from "../support/clock.ts";

const { afterAll, beforeAll, describe } = test;
type Run = (context: test.TestContext) => unknown;

interface Ground {
  readonly kv: KVNamespace<any>;
  close(): Promise<void>;
}

/** Keyv's own suite, with Keyv 5. */
export function describeKeyvSuite(name: string, openGround: () => Promise<Ground>): void {
  describe(`Keyv's own suite over ${name}`, () => {
    let ground: Ground;
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
}
