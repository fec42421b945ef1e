import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** What the routes may load: web APIs are all that a Worker has. */
const ALLOWED = /^(\.\/[\w-]+\.ts|\.\.\/backend\.ts|hono|@kvplug\/core\/seam|@remix-run\/multipart-parser)$/;

test("the routes use nothing of Node", () => {
  const folder = join(import.meta.dirname, "../src/routes");
  for (const file of readdirSync(folder)) {
    const source = readFileSync(join(folder, file), "utf8");
    const imports = [...source.matchAll(/\bfrom "([^"]+)"/g)].map(([, name]) => name);
    expect([file, imports.filter((name = "") => !ALLOWED.test(name))]).toEqual([file, []]);
    expect(source, file).not.toMatch(/\b(Buffer|process|setImmediate|NodeJS)\b/);
  }
});
