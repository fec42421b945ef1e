/**
 * Runs all tests on the built packages, on each version of Node that they support: the oldest, and the newest of
 * each line. Other versions as arguments: `pnpm test:matrix 22.19 26`.
 */
import { spawnSync } from "node:child_process";
import { NODES, execPathOf } from "./nodes.ts";

const versions = process.argv.length > 2 ? process.argv.slice(2) : NODES;
const failed: string[] = [];

for (const version of versions) {
  console.log(`\nNode ${version}`);
  const { status } = spawnSync(await execPathOf(version), ["node_modules/vitest/vitest.mjs", "run"], {
    stdio: "inherit",
    // Resolves the packages to `dist`, here and in whatever a test starts.
    env: { ...process.env, NODE_OPTIONS: "--conditions=@kvplug/dist" },
  });
  if (status !== 0) failed.push(version);
}

console.log(failed.length === 0 ? `\npassed on Node ${versions.join(", ")}` : `\nfailed on Node ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
