/**
 * Writes into each public package which repository it is from: `node scripts/name-repository.ts URL`. npm's provenance
 * demands it, and only the workflow that publishes knows it for sure.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publicPackages } from "./public-packages.ts";

const [url] = process.argv.slice(2);
if (url === undefined || !URL.canParse(url)) {
  console.error("Which repository? node scripts/name-repository.ts https://host/owner/name");
  process.exit(1);
}

for (const { folder, manifest } of publicPackages()) {
  const file = join(folder, "package.json");
  const named = { ...(JSON.parse(readFileSync(file, "utf8")) as object), repository: repositoryOf(folder) };
  writeFileSync(file, `${JSON.stringify(named, null, 2)}\n`);
  console.log(`${manifest.name}: ${url}, ${folder}`);
}

function repositoryOf(folder: string): { type: "git"; url: string; directory: string } {
  return { type: "git", url: `git+${url}.git`, directory: folder };
}
