import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publicPackages } from "../../scripts/public-packages.ts";
import { ROOT } from "./support/blocks.ts";

const SECURITY = readFileSync(join(ROOT, "SECURITY.md"), "utf8");

/** The guarantees, each with the cell of its tests. */
const GUARANTEES = [...SECURITY.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)]
  .map(([, guarantee, tests]) => [guarantee!, tests!] as const)
  .filter(([guarantee]) => guarantee !== "guarantee" && !/^-+$/.test(guarantee));

test("each guarantee names a test that exists", () => {
  expect(GUARANTEES.length).toBeGreaterThan(15);
  for (const [guarantee, tests] of GUARANTEES) {
    // Titles belong to the file before them.
    const files = [...tests.matchAll(/`([^`]+\.ts)`([^`]*)/g)];
    expect(files.length, guarantee).toBeGreaterThan(0);
    for (const [, file, after] of files) {
      expect(existsSync(join(ROOT, file!)), file).toBe(true);
      const source = readFileSync(join(ROOT, file!), "utf8");
      for (const [, title] of after!.matchAll(/"([^"]+)"/g)) expect(source, file).toContain(`"${title!}`);
    }
  }
});

test("no package runs a script when it is installed", () => {
  for (const { folder, manifest } of publicPackages(ROOT)) {
    const { scripts = {} } = manifest as { scripts?: Record<string, string> };
    const installing = Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$|^prepublish$/.test(name));
    expect(installing, folder).toEqual([]);
  }
});
