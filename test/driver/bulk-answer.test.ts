import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBulkAnswer } from "../../packages/core/src/reads/bulk-answer.ts";
import { parsePlainly, toObjects } from "../support/plain-json.ts";
import { useRest } from "../support/rest.ts";

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
// Escaped names of what is parsed as it is would be those that Node gives them.
const json = fc.jsonValue({ stringUnit: fc.constantFrom("a", "b", "{", "}", "[", "]", ":", ",", "é", " ") });
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...ODD, null),
  fc.record({ value: fc.string(), metadata: json, expiration: fc.nat() }, { requiredKeys: ["value"] }),
);
const answer = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.tuple(key, value)).map((all) => ({ result: { values: new Map(all) } })) },
  json.map((values) => ({ result: { values } })),
  json,
);
const others = fc.record({
  success: fc.boolean(),
  errors: fc.constant([]),
  messages: fc.constantFrom<unknown[]>([], [{ message: '"values":{' }], [{ values: { a: "b" } }]),
});

/** Writes JSON in which a `Map` is an object. */
function jsonOf(given: unknown, space: string): string {
  if (typeof given !== "object" || given === null) return JSON.stringify(given);
  if (Array.isArray(given)) return `[${space}${given.map((one) => jsonOf(one, space)).join()}]`;
  const members = given instanceof Map ? [...given] : Object.entries(given);
  const member = ([name, one]: [string, unknown]): string =>
    `${space}${JSON.stringify(name)}${space}:${space}${jsonOf(one, space)}${space}`;
  return `{${members.map(member).join()}}`;
}

const text = fc
  .tuple(answer, others, fc.boolean(), fc.constantFrom("", "\n  ", "\t"))
  .map(([given, others, isFirst, space]) => {
    if (typeof given !== "object" || given === null || Array.isArray(given)) return jsonOf(given, space);
    return jsonOf(isFirst ? { ...others, ...given } : { ...given, ...others }, space);
  });

describe("the answer to a bulk read", () => {
  test("is parsed as it is written", () => {
    fc.assert(
      fc.property(text, (text) => {
        expect(outcomeOf(parseBulkAnswer, text)).toEqual(outcomeOf(expected, text));
      }),
      { numRuns: 1000 },
    );
  });

  test("is refused where it is broken", () => {
    const pieces = ["", '"', "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\u0000", "null", "1"];
    fc.assert(
      fc.property(text, fc.nat(), fc.nat({ max: 3 }), fc.constantFrom(...pieces), (text, where, gone, piece) => {
        const at = where % (text.length + 1);
        const broken = text.slice(0, at) + piece + text.slice(at + gone);
        const told = outcomeOf(parseBulkAnswer, broken);
        const right = outcomeOf(expected, broken);
        expect(told === "SyntaxError").toBe(right === "SyntaxError");
      }),
      { numRuns: 3000 },
    );
  });

  test("may have a name twice, of which the last counts, and any name", () => {
    const text =
      '{"success":true,"result":{"values":{"a":"1","__proto__":"2","a":{"value":"3","metadata":{"}":["{"]}}}}}';
    const values = new Map<string, unknown>([
      ["a", { value: "3", metadata: { "}": ["{"] } }],
      ["__proto__", "2"],
    ]);
    expect(parseBulkAnswer(text)).toEqual({ success: true, result: { values } });
  });
});

const rest = useRest();

// V8 13 and later may read an escaped name as another one that came in its place before: nodejs/node#63785.
test("keys that JSON escapes are told apart", async () => {
  const names = ["\\", '"', "\n", "\t", "\\\\", '\\"', "a\\", 'a"', "\u0001"];
  for (const name of names) await rest.kv.put(name, `the value of ${JSON.stringify(name)}`, { metadata: name });
  for (const one of names) {
    for (const other of names.filter((name) => name !== one)) {
      const values = await rest.kv.get([one, other]);
      expect([...values]).toEqual([one, other].map((name) => [name, `the value of ${JSON.stringify(name)}`]));
      const entries = await rest.kv.getWithMetadata(["none", one, other]);
      expect([...entries.values()].map((entry) => entry.metadata)).toEqual([null, one, other]);
    }
  }
});
