import type { KV, KVClientOptions } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { useVirtualTime } from "../support/clock.ts";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { startRest } from "../support/rest.ts";
import { envelope, refusal, SILENCE, withAnswers } from "../support/scripted-api.ts";
import { manyTurns, passUntil } from "../support/turns.ts";

const DEADLINE = 5000;
const PASSED = `The deadline of ${DEADLINE} ms passed`;
const time = useVirtualTime();

/** Lets a time pass once the API has received so many requests. */
async function passOnceSent(api: { readonly requests: number }, requests: number, by: number): Promise<void> {
  await eventually(() => expect(api.requests).toBe(requests));
  await manyTurns();
  time.advance(by);
  await manyTurns();
}

const pageOf = (...names: string[]): ReturnType<typeof envelope> =>
  envelope(
    names.map((name) => ({ name })),
    { info: { cursor: "more" } },
  );

/** A stream that never ends. */
const endless = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(1)) });

describe("the deadline that passed is named, and what was asked", () => {
  const CALLS: Record<string, [call: (kv: KV, options: { deadline?: number }) => Promise<unknown>, message: string]> = {
    get: [(kv, options) => kv.get("a", options), `The read of "a" failed. ${PASSED} before GET values/a was answered.`],
    "get of keys": [(kv, options) => kv.get(["a", "b"], options), `${PASSED} before POST bulk/get was answered.`],
    "get of a stream": [
      (kv, options) => kv.get("a", { type: "stream", ...options }),
      `The read of "a" failed. ${PASSED} before GET values/a was answered.`,
    ],
    getMetadata: [
      (kv, options) => kv.getMetadata("a", options),
      `The read of "a" failed. ${PASSED} before GET metadata/a was answered.`,
    ],
    put: [
      (kv, options) => kv.put("a", "1", options),
      `The put of "a" failed. ${PASSED} before PUT values/a was answered.`,
    ],
    delete: [
      (kv, options) => kv.delete("a", options),
      `The delete of "a" failed. ${PASSED} before DELETE values/a was answered.`,
    ],
    putMany: [
      (kv, options) => kv.putMany([{ key: "a", value: "1" }], options),
      `1 key failed. The first failure: The put of "a" failed. ${PASSED} before PUT values/a was answered.`,
    ],
    "putMany of an iterable": [
      (kv, options) => kv.putMany([{ key: "a", value: "1" }].values(), options),
      `1 key failed. The first failure: The put of "a" failed. ${PASSED} before PUT values/a was answered.`,
    ],
    list: [(kv, options) => kv.list(options), `${PASSED} before GET keys was answered.`],
    keys: [(kv, options) => collect(kv.keys(options)), `${PASSED} before GET keys was answered.`],
    entries: [(kv, options) => collect(kv.entries(options)), `${PASSED} before GET keys was answered.`],
    clear: [(kv, options) => kv.clear(options), `${PASSED} before GET keys was answered.`],
  };

  test.for(Object.entries(CALLS))("%s", async ([, [call, message]]) => {
    for (const [ofClient, ofCall] of [
      [{ deadline: DEADLINE }, {}],
      [{}, { deadline: DEADLINE }],
    ]) {
      await withAnswers(
        [SILENCE],
        async (kv, api) => {
          const outcome = errorOf(call(kv, ofCall!));
          await passOnceSent(api, 1, DEADLINE);
          expect((await outcome).message).toBe(message);
        },
        ofClient,
      );
    }
  });

  test("namespaces", async () => {
    const { client, close } = await startRest({ latency: 60_000 }, { deadline: DEADLINE });
    const outcome = errorOf(client.namespaces.page(1));
    await manyTurns();
    time.advance(DEADLINE);
    expect((await outcome).message).toBe(`${PASSED} before GET namespaces was answered.`);
    const one = errorOf(client.namespaces.get("b".repeat(32)));
    await manyTurns();
    time.advance(DEADLINE);
    expect((await one).message).toBe(`${PASSED} before GET namespaces/… was answered.`);
    await close();
  });
});

describe("of what still waits, the deadline and the reason are named", () => {
  const waiting = async (
    calls: (kv: KV) => Promise<unknown>[],
    options: KVClientOptions = {},
    sent = 1,
  ): Promise<string> => {
    let message = "";
    await withAnswers(
      [SILENCE],
      async (kv, api) => {
        const outcomes = calls(kv).map(errorOf);
        await passOnceSent(api, sent, DEADLINE);
        ({ message } = await outcomes.at(-1)!);
        await passUntil(Promise.all(outcomes), time, 500);
      },
      { deadline: DEADLINE, ...options },
    );
    return message;
  };

  test("a write, behind an earlier one of its key", async () => {
    let message = "";
    await withAnswers([SILENCE], async (kv, api) => {
      const earlier = errorOf(kv.put("a", "1", { deadline: 2 * DEADLINE }));
      await eventually(() => expect(api.requests).toBe(1));
      const later = errorOf(kv.put("a", "2", { deadline: DEADLINE }));
      ({ message } = await passUntil(later, time, 500));
      await passUntil(earlier, time, 500);
    });
    expect(message).toBe(`The put of "a" failed. ${PASSED} while an earlier write of the key was under way.`);
  });

  test("a read, behind a stream that is written", async () => {
    const message = await waiting((kv) => [kv.put("a", endless(), { deadline: 2 * DEADLINE }), kv.get("a")]);
    expect(message).toBe(`${PASSED} while an earlier write of "a" was under way.`);
  });

  test("a write, while others are in flight", async () => {
    const message = await waiting((kv) => [kv.getMetadata("b"), kv.put("a", "2")], { batch: { maxInFlight: 1 } });
    expect(message).toBe(
      `The put of "a" failed. ${PASSED} before the request was sent: 1 requests are in flight, the most that batch.maxInFlight allows.`,
    );
  });

  test("a listing, while others are in flight", async () => {
    const message = await waiting((kv) => [kv.list(), kv.list()], { batch: { maxInFlight: 1 } });
    expect(message).toBe(
      `${PASSED} before GET keys was sent: 1 requests are in flight, the most that batch.maxInFlight allows.`,
    );
  });

  test("a source that does not end", async () => {
    const endlessly = async function* (): AsyncGenerator<{ key: string; value: string }> {
      yield { key: "a", value: "1" };
      await new Promise(() => {});
    };
    const message = await waiting((kv) => [kv.putMany(endlessly(), { deadline: DEADLINE })], {}, 0);
    expect(message).toBe(`${PASSED} before the source ended; 0 items are done.`);
  });

  test("a call that the budget holds up", async () => {
    const message = await waiting((kv) => [kv.list(), kv.list()], {
      rateLimit: { requests: 1, window: 60_000 },
    });
    expect(message).toMatch(`The request budget held this call up past its deadline of ${DEADLINE} ms;`);
  });

  test("a write that waits for its key's pace", async () => {
    const { kv, close } = await startRest({}, { writeInterval: 60_000, writeBurst: 1, deadline: DEADLINE });
    await kv.put("a", "1");
    const { message } = await time.until(errorOf(kv.put("a", "2")));
    expect(message).toBe(
      `The put of "a" failed. A key may be written once per 60000 ms. This write's turn did not come before the deadline of ${DEADLINE} ms.`,
    );
    await close();
  });

  test("another attempt, for which no time is left", async () => {
    await withAnswers(
      [refusal(500, 10_001)],
      async (kv) => {
        const { message } = await errorOf(kv.get("a", { deadline: DEADLINE }));
        expect(message).toBe(
          `The deadline of ${DEADLINE} ms left no time for another attempt. GET values/a was answered with 500: refused (10001).`,
        );
      },
      { retry: { minDelay: 1e9, maxDelay: 1e9 } },
    );
  });
});

describe("of a call of several steps, the whole deadline is named, and not what was left of it", () => {
  const CALLS: Record<string, (kv: KV) => Promise<unknown>> = {
    keys: (kv) => collect(kv.keys({ deadline: DEADLINE })),
    clear: (kv) => kv.clear({ deadline: DEADLINE }),
  };

  test.for(Object.entries(CALLS))("%s", async ([, call]) => {
    await withAnswers([pageOf("a"), SILENCE], async (kv, api) => {
      // The first page takes some time.
      const outcome = errorOf(call(kv));
      time.advance(2000);
      await passOnceSent(api, 2, DEADLINE);
      expect((await outcome).message).toBe(`${PASSED} before GET keys was answered.`);
    });
  });

  test("entries", async () => {
    await withAnswers([pageOf("a", "b"), SILENCE], async (kv, api) => {
      const outcome = errorOf(collect(kv.entries({ deadline: DEADLINE })));
      time.advance(2000);
      await passOnceSent(api, 2, DEADLINE);
      expect((await outcome).message).toBe(`${PASSED} before POST bulk/get was answered.`);
    });
  });

  test("clear, as it deletes", async () => {
    const last = envelope([{ name: "a" }], { info: {} });
    await withAnswers([last, SILENCE], async (kv, api) => {
      const outcome = errorOf(kv.clear({ deadline: DEADLINE }));
      time.advance(2000);
      await passOnceSent(api, 2, DEADLINE);
      expect((await outcome).message).toContain(`${PASSED} before DELETE values/a was answered.`);
    });
  });

  test("a read that first waits for a write", async () => {
    await withAnswers([SILENCE, SILENCE], async (kv, api) => {
      const written = errorOf(kv.put("a", endless(), { deadline: 2000 }));
      const outcome = errorOf(kv.get("a", { deadline: DEADLINE }));
      await passOnceSent(api, 1, 2000);
      expect((await written).message).toContain("The deadline of 2000 ms passed");
      await passOnceSent(api, 2, DEADLINE - 2000);
      expect((await outcome).message).toBe(`The read of "a" failed. ${PASSED} before GET values/a was answered.`);
    });
  });
});
