import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectError, resultOf, startApi } from "./api.ts";
import type { Api } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.server.close());

/** Parts of a bulk write's metadata. */
const zeros = (count: number): string => `[${Array(count).fill(0).join()}]`;

test.for<[string, string, string, string, number, number, RegExp]>([
  ["PUT", "/bulk", "ten million brackets", "[".repeat(10_000_000), 400, 10012, /514 levels/],
  ["POST", "/bulk/delete", "a deep array", `${"[".repeat(515)}${"]".repeat(515)}`, 400, 10012, /514 levels/],
  ["DELETE", "/bulk", "deep objects", `[${'{"a":'.repeat(1_000_000)}`, 400, 10012, /514 levels/],
  ["PUT", "/bulk", "five million elements", `[${"[],".repeat(5_000_000)}[]`, 400, 10027, /10000 pairs.* 5000001/],
  ["PUT", "/bulk", "a full entry", `[{},{"key":"k","value":"","metadata":${zeros(5_000)}`, 400, 10012, /Entry 1 /],
  ["POST", "/bulk/get", "8 MB of brackets", "[".repeat(8_000_000), 413, 10012, /1000000 .* 8000000/],
  ["POST", "/bulk/get", "a deep type", `{"keys":[],"type":${"[".repeat(900_000)}`, 400, 10012, /514 levels/],
  ["POST", "", "a deep title", `{"title":${"[".repeat(90_000)}`, 400, 10019, /514 levels/],
  ["PUT", "main-id", "a long title", `{"title":"${"t".repeat(150_000)}`, 413, 10019, /100000 .* 150010/],
])("%s %s with %s is refused before it is parsed", async ([method, path, , body, status, code, message]) => {
  const answer = await api.ask(method, path, body);
  // None of them is JSON, which is not what is told: nobody has looked.
  expectError(answer, status, code, message);
});

test("metadata may be as deep and as full as 1,024 bytes can be", async () => {
  const deep = `${"[".repeat(512)}${"]".repeat(512)}`;
  const full = `[${Array(341).fill("[]").join()}]`;
  const pair = (key: string, metadata: string): string =>
    ` { "key": "${key}", "value": "",\n "metadata": ${metadata} }`;
  resultOf(await api.ask("PUT", "/bulk", `[${pair("deep", deep)},${pair("full", full)}]`));
  expect((await api.ask("GET", "/metadata/deep")).text).toContain(`"result":${deep}`);
  expect((await api.ask("GET", "/metadata/full")).text).toContain(`"result":${full}`);
});

test("a text that ends with a backslash does not go on into the next one", async () => {
  const pairs = [
    { key: "a", value: "\\" },
    { key: "b", value: "[".repeat(1000) },
  ];
  resultOf(await api.ask("PUT", "/bulk", JSON.stringify(pairs)));
  expect((await api.ask("GET", "/values/b")).text).toBe(pairs[1]!.value);
});

test("whatever the texts hold, a body within the limits is read", async () => {
  // Texts full of what means something between texts.
  const text = fc.string({ unit: fc.constantFrom(...Array.from('"\\[]{},:/\u0000\u2028é😀')), maxLength: 60 });
  const json = fc.jsonValue({ stringUnit: fc.constantFrom(...Array.from('"\\[]{},: ')), maxDepth: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, json), { maxLength: 20 }), async (pairs) => {
      const metadata = pairs.map(([, value]) => (JSON.stringify(value).length > 1000 ? null : value));
      const body = pairs.map(([value], i) => ({ key: `k${i}`, value, metadata: metadata[i] }));
      const spaces = pairs.length % 3;
      resultOf(await api.ask("PUT", "/bulk", JSON.stringify(body, null, spaces)));
      const read = { keys: body.map(({ key }) => key), withMetadata: true };
      const { values } = resultOf(await api.ask("POST", "/bulk/get", JSON.stringify(read, null, spaces)));
      expect(values).toEqual(
        Object.fromEntries(
          body.map(({ key, value }, i) => [key, { value, metadata: JSON.parse(JSON.stringify(metadata[i])) }]),
        ),
      );
    }),
    { numRuns: 50 },
  );
});
