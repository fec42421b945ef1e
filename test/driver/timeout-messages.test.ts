import type { KV } from "@kvplug/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { envelope, SILENCE, withAnswers } from "../support/scripted-api.ts";
import { passUntil } from "../support/turns.ts";
import { VirtualTime } from "../support/virtual-time.ts";

const TIMEOUT = 1000;
const NAMED = `Nothing moved for ${TIMEOUT} ms, the client's timeout.`;

/** One for all tests: undici has one timer for all of its timeouts, which lives on from test to test. */
let time: VirtualTime;
beforeAll(() => {
  time = new VirtualTime();
});
afterAll(() => time[Symbol.dispose]());

/** A stream that never ends. */
const endless = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(1)) });
const pairs = ["a", "b"].map((key) => ({ key, value: "1" }));

const CALLS: Record<string, [call: (kv: KV) => Promise<unknown>, line: string]> = {
  "a read": [(kv) => kv.get("a"), "GET values/a"],
  "a read of a stream": [(kv) => kv.get("a", "stream"), "GET values/a"],
  "a write": [(kv) => kv.put("a", "1"), "PUT values/a"],
  "a bulk write": [(kv) => kv.putMany(pairs), "PUT bulk"],
  "a write of a stream": [(kv) => kv.put("a", endless()), "PUT values/a"],
  "a listing": [(kv) => kv.list(), "GET keys"],
};

describe.for([
  ["undici", {}],
  ["fetch", { fetch }],
] as const)("over %s the timeout that passed is named", ([, transport]) => {
  const options = { ...transport, timeout: TIMEOUT, retry: false } as const;

  test.for(Object.entries(CALLS))("by %s", async ([, [call, line]]) => {
    await withAnswers(
      [SILENCE],
      async (kv, api) => {
        const outcome = errorOf(call(kv));
        await eventually(() => expect(api.requests).toBe(1));
        const { code, message } = await passUntil(outcome, time, TIMEOUT / 2);
        expect(code).toBe(line === "PUT bulk" ? "KV_BULK" : "KV_TIMEOUT");
        expect(message).toContain(`${line} got no answer: ${NAMED}`);
      },
      options,
    );
  });

  test("by an answer that breaks off", async () => {
    const { headers, body } = envelope([]);
    const begun = { headers: { ...headers, "content-length": "1000" }, body };
    await withAnswers(
      [{ ...begun, stops: true }],
      async (kv, api) => {
        const outcome = errorOf(kv.list());
        await eventually(() => expect(api.requests).toBe(1));
        expect((await passUntil(outcome, time, TIMEOUT / 2)).message).toBe(`GET keys got no answer: ${NAMED}`);
      },
      options,
    );
  });
});
