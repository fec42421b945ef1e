import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { piecesOf, plainText } from "../page/text/visible.ts";
import { changesOf, isNothing } from "../page/values/changes.ts";
import { hexLine } from "../page/values/hex.ts";
import { kindOf } from "../page/values/kinds.ts";
import { codeString, shellQuote, snippetsOf } from "../page/values/snippets.ts";
import type { Stored } from "../page/api/values.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const storedOf = (text: string, more: Partial<Stored> = {}): Stored => ({
  bytes: bytes(text),
  metadata: null,
  expiration: undefined,
  ...more,
});

test("what a browser would not show is shown as a mark", () => {
  expect(piecesOf("a\u202eb\0")).toEqual([
    { text: "a" },
    { text: "202E", mark: "U+202E" },
    { text: "b" },
    { text: "␀", mark: "U+0000" },
  ]);
  expect(plainText("a\nb")).toBe("a⟨U+000A⟩b");
  expect(piecesOf("a\n\tb\r\nc", true)).toEqual([{ text: "a\n\tb\r\nc" }]);
  expect(piecesOf("a\rb", true)).toContainEqual({ text: "␍", mark: "U+000D" });
  // A family is one picture, joined.
  expect(piecesOf("👨‍👩‍👧 <b>")).toEqual([{ text: "👨‍👩‍👧 <b>" }]);
});

test("a value is JSON, text, an image or bytes", () => {
  expect(kindOf(bytes('{"a":1}'))).toBe("json");
  expect(kindOf(bytes("12"))).toBe("text");
  expect(kindOf(bytes("{ no"))).toBe("text");
  expect(kindOf(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xd, 0xa]))).toBe("image");
  expect(kindOf(new Uint8Array([0xff, 0x00]))).toBe("bytes");
  // It may hold a script, and is text like any other.
  expect(kindOf(bytes("<svg xmlns='http://www.w3.org/2000/svg'/>"))).toBe("text");
  expect(kindOf(bytes(""))).toBe("text");
});

test("a line of the hex view", () => {
  expect(hexLine(bytes("0123456789abcdef\0hé"), 1)).toBe(`00000010  ${"00 68 c3 a9".padEnd(47)}  ·h··`);
});

test("what a write changes: lines of the value, metadata, expiration", () => {
  const before = storedOf("a\nb\nc\n", { metadata: { by: "x" }, expiration: 2_000_000_000 });
  expect(isNothing(changesOf(before, { ...before }))).toBe(true);
  const { value, metadata, expiration } = changesOf(before, storedOf("a\nB\nc\n"));
  expect(value).toEqual([
    { sign: " ", text: "a\n" },
    { sign: "-", text: "b\n" },
    { sign: "+", text: "B\n" },
    { sign: " ", text: "c\n" },
  ]);
  expect(metadata).toEqual([{ sign: "-", text: '{"by":"x"}' }]);
  expect(expiration).toEqual([
    { sign: "-", text: expect.stringMatching(/^2033-05-1\d /) },
    { sign: "+", text: "never" },
  ]);
});

test("bytes, and texts that are too long for it, are told as a whole", () => {
  const image: Stored = { ...storedOf(""), bytes: new Uint8Array([0xff, 0xfe]) };
  expect(changesOf(image, storedOf("text")).value).toEqual([
    { sign: "-", text: "bytes, 2 B" },
    { sign: "+", text: "text, 4 B" },
  ]);
  const long = "x\n".repeat(150_000);
  expect(changesOf(storedOf(long), storedOf(`${long}y`)).value).toHaveLength(2);
});

test("a name that is pasted into a shell is that name, whatever is in it", () => {
  for (const name of ["plain:1", "it's", "a b$(x)`y`", "tab\there", "\u202eabc", "-rf", "é😀", "\\n\u0001'"]) {
    const printed = execFileSync("bash", ["-c", `printf '%s' ${shellQuote(name)}`], { encoding: "utf8" });
    expect(printed).toBe(name);
  }
});

test("a name in code is that name, and nothing in it is unseen", () => {
  const name = 'a"\\\u202e\u0085\u2028😀';
  expect(JSON.parse(codeString(name))).toBe(name);
  expect(codeString(name)).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
});

test("no way to read a key elsewhere holds a token", () => {
  const snippets = snippetsOf({ account: "acc", namespace: "ns", key: "a/b c" }, "http://127.0.0.1:1/client/v4");
  expect(snippets.map(({ title }) => title)).toEqual(["curl", "wrangler", "kvplug", "code"]);
  expect(snippets[0]!.text).toBe(
    `curl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" http://127.0.0.1:1/client/v4/accounts/acc/storage/kv/namespaces/ns/values/a%2Fb%20c`,
  );
});
