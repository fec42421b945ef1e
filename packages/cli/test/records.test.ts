import { expect, test } from "vitest";
import { readElements, readMembers } from "../src/bulk/formats/json-members.ts";
import { splitLines } from "../src/bulk/formats/lines.ts";
import { readKeys } from "../src/bulk/formats/read-keys.ts";
import { describeLargeRecords, fileOf, keysOf } from "./records.ts";

/** Input that is wrong, where it is, and what is wrong with it. */
const MALFORMED: [input: string, says: RegExp][] = [
  ['{"key":"a","value":"1"}\n{"key":"b","value":4321}\n', /line 2: its value must be a string, not a number/],
  ['\n\n{"key":"a","value":"SECRET}\n', /line 3: it is not JSON/],
  ['{"value":"1"}', /line 1: it has no key/],
  ['{"key":"","value":"1"}', /line 1: A key must have at least 1 byte/],
  ['{"key":"a","value":"1","ttl":60}', /line 1: there is no field "ttl"/],
  ['{"key":"a","value":"SECRET!","base64":true}', /line 1: its value is not base64/],
  ['{"key":"a","value":"","expiration":1.5}', /line 1: expiration of "a" must be a whole number of seconds, not 1\.5/],
  [
    '{"key":"a","value":"","expiration":"soon"}',
    /line 1: expiration of "a" must be a whole number of seconds, not a string/,
  ],
  ['{"key":"a","value":"","expiration":1900000000000}', /line 1: expiration is in seconds .* looks like milliseconds/],
  ['{"key":"a","value":"","expiration_ttl":59}', /line 1: expirationTtl must be at least 60 seconds/],
  ['{"key":"a","value":"","metadata":"' + "m".repeat(1100) + '"}', /line 1: .*1,?024/],
  ['"SECRET"', /line 1: it must be an object, not a string/],
  ["4321", /line 1: it must be an object, not a number/],
  ['{"key":"a"}', /line 1: it has no value/],
  ['[{"key":"a","value":"1"},{"key":"a","value":null}]', /record 2: its value must be a string, not null/],
  ['[{"key":"a","value":"1"},{"key":"SECRET', /not JSON after record 1, or is cut off there/],
  ['[{"key":"a","value":"1"}] SECRET', /not JSON after record 1, or is cut off there/],
  ['[{"key":"a","value":"1"},]', /not JSON after record 1, or is cut off there/],
  ['[{"key":"a","value":"1"}}', /not JSON after record 1, or is cut off there/],
  ['[{"key":"a","value":"1"}][', /not JSON after record 1, or is cut off there/],
  ["[,]", /not JSON after record 0, or is cut off there/],
  ['[{"key":"a","value":"SECRET"]]', /not JSON after record 0, or is cut off there/],
  ["[\u00a0]", /not JSON after record 0, or is cut off there/],
];

test.each(MALFORMED)("%j is told with its place, and never with a value", async (content, says) => {
  const error = await keysOf(content).catch((reason: unknown) => reason as Error);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toMatch(says);
  expect((error as Error).message).not.toMatch(/SECRET|4321/);
});

test("text that is no UTF-8 is not changed silently", async () => {
  const line = Buffer.from('{"key":"a","value":"\u00ff"}', "latin1");
  await expect(keysOf(line)).rejects.toThrow("line 1: it is not UTF-8");
  const good = Buffer.from('{"key":"ü","value":""}\n');
  await expect(keysOf(Buffer.concat([good, good, line, good]))).rejects.toThrow("line 3: it is not UTF-8");
  const names = await fileOf(Buffer.from("a\n\u00ff\nb\n", "latin1"));
  await expect(readKeys(names).next()).rejects.toThrow("key 2: it is not UTF-8");
});

test("lines end where line feeds are, wherever the bytes are cut", async () => {
  const key = "a\u2028b\u2029c";
  const line = JSON.stringify({ key, value: "ü".repeat(700_000) });
  expect(await keysOf(`\ufeff\n${line}\r\n\n  \n${line}\n${line}`)).toEqual([key, key, key]);
  expect(await keysOf(`[${line},\n${line}]\n`)).toEqual([key, key]);
  expect(await keysOf("")).toEqual([]);
  expect(await keysOf("\n\n")).toEqual([]);
});

test.each([
  ["a line", "\n", 'no JSON"', "line 2", 36_000_000],
  ["a line of escapes", "\n", String.raw`\u0000`, "line 2", 160_000_000],
  ["a text in an array", '[{"key":"a","value":""},{"key":"b","value":"', "x", "record 2", 36_000_000],
  ["a name of a field", '[{"', "x", "record 1", 36_000_000],
  ["white space", "[", " ", "record 1", 36_000_000],
  ["an array of arrays", '[{"key":', "[", "record 1", 200_000],
  ["an object of many fields", '[{"key":[', "{},", "record 1", 200_000],
])("%s that is longer than any record is told before it fills the memory", async (_, start, part, place, most) => {
  let read = 0;
  const endless = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from(start);
    for (const chunk = Buffer.from(part.repeat(Math.ceil(65_536 / part.length))); ; read += chunk.length) yield chunk;
  };
  const reading = (async () => {
    const chunks = endless();
    for await (const _ of start.startsWith("[") ? readElements(chunks, "in") : splitLines(chunks, "in"));
  })();
  await expect(reading).rejects.toThrow(`in, ${place}: it is longer than any record can be.`);
  expect(read).toBeLessThan(most + 131_072);
});

// V8 13 and later may read an escaped name as another one that came in its place before: nodejs/node#63785.
test("names of an object are those that stand there, wherever the bytes are cut", async () => {
  const names = [
    "\\",
    '"',
    "\n",
    "\\\\",
    '\\"',
    "a\\",
    'a"',
    "",
    "__proto__",
    "1",
    "a:b",
    "a,b",
    "{",
    "ü",
    "\ud83d\ude00",
  ];
  for (const one of names) {
    for (const other of names) {
      const bytes = Buffer.from(` {${JSON.stringify(one)} : {"value":":"},${JSON.stringify(other)}:null}\n`);
      const chunks = async function* (): AsyncGenerator<Buffer> {
        for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1);
      };
      const members: unknown[] = [];
      for await (const some of readMembers(chunks(), "in")) members.push(...some);
      expect(members).toEqual([
        [one, { value: ":" }],
        [other, null],
      ]);
    }
  }
});

test.each([
  '{"a":1:2}',
  '{"a"}',
  "{1:2}",
  "{:1}",
  '{"a":}',
  '{"a" "b":1}',
  '["a":1]',
  '{"a":1,}',
  "{,}",
  '{"a":1}}',
  '{"a":"\\:"',
  '{ "a":1 ]',
])("%s is not JSON", async (text) => {
  const reading = (async () => {
    for await (const _ of readMembers([Buffer.from(text)] as any, "in"));
  })();
  await expect(reading).rejects.toThrow(/^in is not JSON after record \d, or is cut off there\.$/);
});

describeLargeRecords(1);
