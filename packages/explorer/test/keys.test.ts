import { expect, test } from "vitest";
import { compareNames, KeyTable } from "../page/keys/key-table.ts";
import { EVERYTHING, matcherOf, metadataMatcher, nameMatcher } from "../page/keys/query.ts";
import { Rows } from "../page/keys/rows.ts";
import { guessSeparator, MOST_LINES, treeLines } from "../page/keys/tree.ts";

function tableOf(names: readonly string[]): KeyTable {
  const table = new KeyTable();
  table.append(names.map((name) => ({ name })));
  return table;
}

const allRows = (table: KeyTable): Uint32Array => Uint32Array.from({ length: table.size }, (_, row) => row);
const namesOf = (table: KeyTable): string[] => Array.from(allRows(table), (row) => table.name(row));

test("names are ordered by their bytes, as a listing is", () => {
  // In UTF-16 the emoji comes before U+FF5E.
  const names = ["a", "Z", "", "～", "😀", "é", "ab", "a\0"];
  const byBytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(names.toSorted(compareNames)).toEqual(byBytes);
});

test("a key is put in its place, replaces one of its name, and is taken out", () => {
  const table = tableOf(["a", "c", "～"]);
  table.put({ name: "b", expiration: 7, metadata: { of: "b" } });
  table.put({ name: "😀" });
  table.put({ name: "c", expiration: 9 });
  expect(namesOf(table)).toEqual(["a", "b", "c", "～", "😀"]);
  expect(table.key(1)).toEqual({ name: "b", expiration: 7, metadata: { of: "b" } });
  expect(table.key(2)).toEqual({ name: "c", expiration: 9 });
  table.remove(new Set(["a", "c"]));
  expect(namesOf(table)).toEqual(["b", "～", "😀"]);
  expect(table.expiration(0)).toBe(7);
  expect([table.find("b"), table.find("c")]).toEqual([0, -2]);
});

test("a table grows past what it was made for", () => {
  const table = tableOf(Array.from({ length: 3000 }, (_, i) => `k${String(i).padStart(5, "0")}`));
  table.put({ name: "k00000a", expiration: 5 });
  expect([table.size, table.name(1), table.expiration(1), table.expiration(2)]).toEqual([
    3001,
    "k00000a",
    5,
    undefined,
  ]);
});

test("text is contained whatever its case, and a pattern fits as a whole", () => {
  const fits = (text: string, names: string[]): string[] => names.filter(nameMatcher(text));
  expect(fits("User", ["user:1", "a-USER", "us"])).toEqual(["user:1", "a-USER"]);
  expect(fits("user:*", ["user:1", "a:user:1", "user:", "user:\n"])).toEqual(["user:1", "user:", "user:\n"]);
  expect(fits("?", ["a", "😀", "ab"])).toEqual(["a", "😀"]);
  expect(fits("a.b*", ["a.b", "axb"])).toEqual(["a.b"]);
  expect(fits("(*", ["(a", "a"])).toEqual(["(a"]);
});

test("metadata are compared as the command does", () => {
  const meets = (condition: string, metadata: unknown): boolean => metadataMatcher(condition)(metadata);
  expect(meets("pr=123", { pr: 123 })).toBe(true);
  expect(meets("metadata.pr=123", { pr: "123" })).toBe(true);
  expect(meets("a.b=x=y", { a: { b: "x=y" } })).toBe(true);
  expect(meets("pr!=123", { pr: 124 })).toBe(true);
  expect(meets("pr!=123", undefined)).toBe(true);
  expect(meets("pr", { pr: null })).toBe(true);
  expect(meets("pr", {})).toBe(false);
  expect(meets("constructor", {})).toBe(false);
});

test("what is shown is what meets all conditions, and is found anew at the end alone", () => {
  const table = new KeyTable();
  const now = 1000;
  table.append([{ name: "soon", expiration: now + 60 }, { name: "later", expiration: now + 7200 }, { name: "never" }]);
  const shown = (query: Partial<typeof EVERYTHING>): string[] => {
    const matches = matcherOf({ ...EVERYTHING, ...query }, table, new Map([["never", 5000]]), now);
    return Array.from(allRows(table))
      .filter(matches)
      .map((row) => table.name(row));
  };
  expect(shown({ expiry: "hour" })).toEqual(["soon"]);
  expect(shown({ expiry: "some" })).toEqual(["soon", "later"]);
  expect(shown({ expiry: "never" })).toEqual(["never"]);
  expect(shown({ leastBytes: 1000 })).toEqual(["never"]);
  expect(shown({ text: "e", expiry: "some" })).toEqual(["later"]);

  const rows = new Rows(table, { ...EVERYTHING, text: "n" }, "name", new Map(), now);
  expect([...rows.update()]).toEqual([0, 2]);
  table.append([{ name: "none" }, { name: "other" }]);
  expect([...rows.update()]).toEqual([0, 2, 3]);
  const first = new Rows(table, EVERYTHING, "expiration", new Map(), now);
  expect([...first.update()]).toEqual([0, 1, 2, 3, 4]);
  expect([...new Rows(table, EVERYTHING, "name-down", new Map(), now).update()]).toEqual([4, 3, 2, 1, 0]);
});

test("the tree counts what is in a folder, and opens it", () => {
  const names = ["a", "user:", "user:1", "user:1:cart", "user:2", "user:2:cart:x", "z"];
  const table = tableOf(names);
  const lines = (open: string[]): string[] =>
    treeLines(table, allRows(table), ":", new Set(open)).map((line) =>
      line.kind === "folder"
        ? `${"-".repeat(line.depth)}${line.label} ${line.count}`
        : `${"-".repeat(line.depth)}${"label" in line ? line.label : "…"}`,
    );
  expect(lines([])).toEqual(["a", "user:", "user: 4", "z"]);
  expect(lines(["user:"])).toEqual(["a", "user:", "user: 4", "-1", "-1: 1", "-2", "-2: 1", "z"]);
  expect(lines(["user:", "user:2:"])).toContain("--cart: 1");
});

test("a folder with more than anybody reads says how many are left", () => {
  const table = tableOf(Array.from({ length: MOST_LINES + 5 }, (_, i) => `k${String(i).padStart(6, "0")}`));
  const lines = treeLines(table, allRows(table), ":", new Set());
  expect(lines.length).toBe(MOST_LINES + 1);
  expect(lines.at(-1)).toEqual({ kind: "more", prefix: "", count: 5, depth: 0 });
});

test("the separator is the one that most names have", () => {
  expect(guessSeparator(["a/b", "c/d", "e:f"])).toBe("/");
  expect(guessSeparator(["user:1", "user:2"])).toBe(":");
  expect(guessSeparator(["plain"])).toBe(":");
});
