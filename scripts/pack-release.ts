/**
 * Packs what a release publishes into a folder, for the job that publishes and does nothing else: each public package's
 * tarball, a bill of its materials (CycloneDX), the list of them all, and their checksums. The packages must have been
 * built, and name their repository: `node scripts/pack-release.ts FOLDER`.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { packAll, run } from "./pack.ts";
import { publicPackages } from "./public-packages.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Where to? node scripts/pack-release.ts FOLDER");
  process.exit(1);
}
const out = resolve(folder);
mkdirSync(out);

const tarballs = await packAll(out);
const lines = publicPackages().map(
  ({ manifest: { name, version } }) => `${name} ${version} ${basename(tarballs[name]!)}`,
);
// One a line: name, version, file.
write("packages.txt", lines);

const bills = [
  "sbom",
  "--sbom-format",
  "cyclonedx",
  "--prod",
  "--lockfile-only",
  "--split",
  "--out",
  join(out, "%s.cdx.json"),
];
await run(".", "pnpm", "--filter", "./packages/*", ...bills);

const sums = readdirSync(out).map((file) => `${sha256(join(out, file))}  ${file}`);
write("SHA256SUMS", sums);
console.log(lines.join("\n"));

function write(file: string, text: readonly string[]): void {
  writeFileSync(join(out, file), `${text.join("\n")}\n`);
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
