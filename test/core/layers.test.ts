/** The layers of `@kvplug/core`, as CONTRIBUTING.md lists them, and no import cycles anywhere, those of types included. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const CORE = join(ROOT, "packages/core/src");

/** From the top layer down: each may import from those below. `.` is what users and the other packages import. */
const LAYERS: readonly (readonly [layer: string, start: string])[] = [
  [".", "index.ts"],
  ["namespace", "namespace.ts"],
  ["reads", "reads.ts"],
  ["writes", "writes.ts"],
  ["requests", "requests.ts"],
  ["budget", "budget.ts"],
  ["calls", "caller.ts"],
  ["transport", "transport.ts"],
  ["contract", "options.ts"],
  ["seam", "index.ts"],
  ["time", "clock.ts"],
];

/** These know nothing of each other. */
const APART = new Map([
  ["reads", "writes"],
  ["writes", "reads"],
]);

const depthOf = (file: string): number => LAYERS.findIndex(([layer]) => layer === layerOf(file));
const layerOf = (file: string): string => relative(CORE, dirname(file)) || ".";

const sourcesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .map((file) => join(folder, file));

/** The files that a file imports by their paths, for values or for types. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/\b(?:from|import\() ?"(\.[^"]+)"/g)].map(([, path]) => resolve(dirname(file), path!));
}

describe("the layers of core", () => {
  const files = sourcesOf(CORE);

  test("every file is in one", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => depthOf(file) === -1)).toEqual([]);
  });

  test.for(LAYERS)("%s says in %s what it does and what it may import", ([layer, start]) => {
    expect(readFileSync(join(CORE, layer, start), "utf8")).toMatch(/^\/\*\*\n(?: \*.*\n)+? \* @module\n/);
  });

  test("no import goes up, and reads and writes know nothing of each other", () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((other) => depthOf(other) < depthOf(file) || APART.get(layerOf(file)) === layerOf(other))
        .map((other) => `${relative(CORE, file)} imports ${relative(CORE, other)}`),
    );
    expect(wrong).toEqual([]);
  });
});

const FOLDERS = [...readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/src`), "bench"];

test.for(FOLDERS)("%s has no import cycle", (folder) => {
  const left = new Map(sourcesOf(join(ROOT, folder)).map((file) => [file, importsOf(file)]));
  expect(left.size).toBeGreaterThan(0);
  // A file that imports nothing that is left is in no cycle.
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const [file, imports] of left) if (!imports.some((other) => left.has(other))) left.delete(file);
  }
  expect([...left.keys()].map((file) => relative(ROOT, file))).toEqual([]);
});
