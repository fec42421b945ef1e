/**
 * Writes `api.d.ts` of each package: the declarations that its entries export, without comments, so that a change of
 * the public API shows in review. With `--check` it prints the difference instead, and fails where there is one.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entriesOf, publicPackages } from "./public-packages.ts";

const out = mkdtempSync(join(tmpdir(), "kvplug-api-"));

try {
  for (const { folder, manifest } of publicPackages()) {
    const entries = entriesOf(manifest).map(([, built]) => built);
    if (entries.length === 0) continue;
    const report = join(folder, "api.d.ts");
    const current = writeReport(folder, entries);
    if (!process.argv.includes("--check")) copyFileSync(current, report);
    else if (differ(report, current)) fail(`${report} is out of date: run \`pnpm api\` and review what it changed.`);
  }
} finally {
  rmSync(out, { recursive: true });
}

/** Writes the current report to a temporary file and tells its path. */
function writeReport(folder: string, entries: string[]): string {
  const emitted = join(out, folder);
  const flags = ["--removeComments", "--outDir", emitted];
  execFileSync("tsc", ["-p", join(folder, "tsconfig.build.json"), ...flags], { stdio: "inherit" });

  const files = new Map<string, string>();
  for (const entry of entries) collect(emitted, entry.replace(/^\.\/dist\/(.+)\.js$/, "$1.d.ts"), files);
  const path = join(emitted, "api.d.ts");
  writeFileSync(path, [...files].map(([file, text]) => `// ${file}\n\n${text}`).join("\n"));
  return path;
}

/** Adds the file, and those that it exports from; what it only imports is not part of the API. */
function collect(emitted: string, file: string, files: Map<string, string>): void {
  if (files.has(file)) return;
  const text = readFileSync(join(emitted, file), "utf8");
  files.set(file, text);
  for (const [, specifier] of text.matchAll(/^export (?:type )?(?:\*|\{[^}]*\}).* from "(\.[^"]+)\.ts"/gm)) {
    collect(emitted, join(file, "..", `${specifier}.d.ts`), files);
  }
}

function differ(before: string, after: string): boolean {
  return spawnSync("git", ["--no-pager", "diff", "--no-index", before, after], { stdio: "inherit" }).status !== 0;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
