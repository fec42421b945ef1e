/** Each law can be broken, and a driver that is naive in one way breaks the law that is about it. */
import { describe, expect, test } from "vitest";
import type { ApiOptions } from "./store.ts";
import { breaches } from "./laws.ts";
import { openNaive, type Flaw } from "./naive-kv.ts";
import { run, type Tools } from "./run.ts";

type Program = (tools: Tools) => Promise<void> | void;

const CASES: [flaw: Flaw, law: string, api: ApiOptions, program: Program][] = [
  ["acknowledges early", "a", {}, ({ kv }) => void kv.put("a", "a#1")],
  [
    "keeps no order",
    "b",
    { fates: [{ effect: 50, answer: 60 }] },
    ({ kv }) => {
      void kv.put("a", "a#1");
      void kv.put("a", "a#2");
    },
  ],
  [
    "keeps no order",
    "c",
    {},
    ({ kv }) => {
      void kv.put("a", "a#1");
      void kv.delete("a");
    },
  ],
  [
    "sends what was aborted",
    "d",
    { fates: [{ answer: 50 }] },
    ({ kv, abortedAfter }) => {
      void kv.put("a", "a#1");
      void kv.put("a", "a#2", { signal: abortedAfter(20) });
    },
  ],
  ["has no deadline", "e", { fates: [{ answer: 500 }] }, ({ kv }) => void kv.put("a", "a#1", { deadline: 20 })],
  [
    "reads past its writes",
    "f",
    { fates: [{ effect: 50, answer: 60 }] },
    ({ kv }) => {
      void kv.put("a", "a#1");
      void kv.get("a");
    },
  ],
  [
    "clears what came later",
    "b",
    { exists: ["a"] },
    async ({ kv, wait }) => {
      void kv.clear();
      await wait(1);
      void kv.put("a", "a#2");
    },
  ],
  ["throws bare errors", "h", { badKey: "a" }, ({ kv }) => void kv.put("a", "a#1")],
  ["tells values", "h", { badKey: "a" }, ({ kv }) => void kv.put("a", "a#1")],
  ["asks too often", "i", { malformedCredentials: true }, ({ kv }) => void kv.put("a", "a#1")],
  [
    "waits for strangers",
    "j",
    { fates: [{ effect: 400, answer: 500 }] },
    ({ kv }) => {
      void kv.put("a", "a#1");
      void kv.put("b", "b#2");
    },
  ],
  ["leaves a timer", "k", {}, ({ kv }) => void kv.put("a", "a#1")],
];

describe.each(CASES)("a driver that %s", (flaw, law, api, program) => {
  const setup = { api, transport: "fetch" as const, client: { writeInterval: 0 } };

  test(`breaks law ${law}`, async () => {
    const broken = breaches(await run(setup, program, openNaive(flaw)), setup);
    expect(broken.map(([letter]) => letter)).toContain(law);
  });

  test("would break none without that", async () => {
    expect(breaches(await run(setup, program, openNaive()), setup)).toEqual([]);
  });
});

test("a resolved clear() leaves nothing: a law that is about what it did not delete", async () => {
  const setup = { api: { exists: ["a", "b"] }, transport: "fetch" as const };
  const history = await run(
    setup,
    ({ kv }) => void kv.clear(),
    (options) => Object.assign(openNaive()(options), { clear: async () => 0 }),
  );
  expect(breaches(history, setup).map(([letter]) => letter)).toEqual(["g", "g"]);
});
