import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBulkAnswer } from "../../packages/core/src/reads/bulk-answer.ts";
import { parsePlainly, toObjects } from "../support/plain-json.ts";
import { useRest } from "../support/rest.ts";

const rest = useRest();

/** What it should be: as it is written, with `result.values` as a `Map`. */
function expected(text: string): unknown {
  const parsed = parsePlainly(text);
  const answer = toObjects(parsed);
  const result = parsed instanceof Map ? parsed.get("result") : undefined;
  const values: unknown = result instanceof Map ? result.get("values") : undefined;
  if (values instanceof Map || Array.isArray(values)) {
    (answer as any).result.values = new Map([...values.entries()].map(([name, one]) => [`${name}`, toObjects(one)]));
  }
  return answer;
}

function outcomeOf(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return (error as Error).name;
  }
}

const ODD = ["__proto__", "constructor", "1", "values", '"', "\\", '\\"', "\n", "{", "}", "a,b", "a:b", ""];
const key = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.constantFrom(...ODD));
// Names that need no escapes: where JSON.parse reads an object, it may confuse others.
const json = fc.jsonValue({ stringUnit: fc.constantFrom("a", "b", "{", "}", "[", "]", ":", ",", "é", " ") });
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...ODD, null),
  fc.record({ value: fc.string(), metadata: json, expiration: fc.nat() }, { requiredKeys: ["value"] }),
);
const values = fc.array(fc.tuple(key, value), { minLength: 1 }).map((all) => new Map(all));
const others = fc.record({
  success: fc.boolean(),
  errors: fc.constant([]),
  messages: fc.constantFrom<unknown[]>([], [{ message: '"result":{"values":{' }], [{ values: { a: "b" } }]),
});
const space = fc.constantFrom("", "\n  ", "\t");

/** Writes JSON in which a `Map` is an object. */
function jsonOf(given: unknown, space: string): string {
  if (typeof given !== "object" || given === null) return JSON.stringify(given);
  if (Array.isArray(given)) return `[${space}${given.map((one) => jsonOf(one, space)).join()}]`;
  const members = given instanceof Map ? [...given] : Object.entries(given);
  const member = ([name, one]: [string, unknown]): string =>
    `${space}${JSON.stringify(name)}${space}:${space}${jsonOf(one, space)}${space}`;
  return `{${members.map(member).join()}}`;
}

/** An answer as the API writes it. */
const usual = fc
  .tuple(values, others, fc.boolean(), space)
  .map(([values, others, isFirst, space]) =>
    jsonOf(isFirst ? { result: { values }, ...others } : { ...others, result: { values } }, space),
  );

/** One that is not. */
const unusual = fc
  .tuple(
    fc.oneof(
      json.map((values) => ({ result: { values } })),
      fc.tuple(json, json).map(([other, values]) => ({ result: { other, values } })),
      fc.constant({ result: { values: "kvplug:values" }, other: { result: { values: { a: "b" } } } }),
      fc.constant({ other: { result: { values: { a: "b" } } }, result: { values: "values" } }),
      json.map((result) => ({ result })),
      json,
    ),
    others,
    space,
  )
  .map(([given, others, space]) =>
    jsonOf(typeof given === "object" && !Array.isArray(given) ? { ...others, ...given } : given, space),
  );

/** So many that the answer is short. */
const MANY: readonly string[] = Array.from({ length: 10_000 }, (_, i) => `key ${i}`);

describe("the answer to a bulk read", () => {
  test.each([
    ["short", MANY],
    ["long", []],
  ])("is parsed as it is written, if it is %s", (_, keys) => {
    const text = keys.length > 0 ? fc.oneof(usual, unusual) : unusual;
    fc.assert(
      fc.property(text, (text) => {
        expect(outcomeOf((text) => parseBulkAnswer(text, keys), text)).toEqual(outcomeOf(expected, text));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["short", MANY],
    ["long", []],
  ])("is refused where it is broken, if it is %s", (_, keys) => {
    const pieces = ["", '"', "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\u0000", "null", "1"];
    const text = fc.oneof(usual, unusual);
    fc.assert(
      fc.property(text, fc.nat(), fc.nat({ max: 3 }), fc.constantFrom(...pieces), (text, where, gone, piece) => {
        const at = where % (text.length + 1);
        const broken = text.slice(0, at) + piece + text.slice(at + gone);
        const told = outcomeOf((text) => parseBulkAnswer(text, keys), broken);
        expect(told === "SyntaxError").toBe(outcomeOf(expected, broken) === "SyntaxError");
      }),
      { numRuns: 2000 },
    );
  });

  test("may have a name twice, of which the last counts, and any name", () => {
    const text =
      '{"success":true,"result":{"values":{"a":"1","__proto__":"2","a":{"value":"3","metadata":{"}":["{"]}}}}}';
    const values = new Map<string, unknown>([
      ["a", { value: "3", metadata: { "}": ["{"] } }],
      ["__proto__", "2"],
    ]);
    expect(parseBulkAnswer(text, MANY)).toEqual({ success: true, result: { values } });
  });
});

// V8 13 and later may read an escaped name as another one that came in its place before: nodejs/node#63785.
test.each([
  ["short", 10],
  ["long", 1000],
])("each key that JSON escapes gets its own value, with %s values", async (_, length) => {
  const valueOf = (name: string): string => `${JSON.stringify(name)} ${"v".repeat(length)}`;
  const names = ["\\", '"', "\n", "\t", "\\\\", '\\"', "a\\", 'a"', "\u0001"];
  for (const name of names) await rest.kv.put(name, valueOf(name), { metadata: name });
  for (const one of names) {
    for (const other of names.filter((name) => name !== one)) {
      const values = await rest.kv.get([one, other]);
      expect([...values]).toEqual([one, other].map((name) => [name, valueOf(name)]));
      const entries = await rest.kv.getWithMetadata(["none", one, other]);
      expect([...entries.values()].map((entry) => entry.metadata)).toEqual([null, one, other]);
    }
  }
});
