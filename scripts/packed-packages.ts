/**
 * Packs each public package as it is published, lints the tarballs, then installs them all in an empty project and
 * loads every entry and starts every command there: what is missing from `files`, `dependencies` or `publishConfig`
 * shows here and nowhere else. The packages must have been built.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { pack, run } from "./pack.ts";
import { publicPackages, type Manifest } from "./public-packages.ts";

const out = mkdtempSync(join(tmpdir(), "kvplug-packed-"));
const project = join(out, "project");

try {
  const packages = publicPackages();
  const tarballs: Record<string, string> = {};
  for (const one of packages) {
    const { manifest } = one;
    const tarball = pack(one, out);
    run(out, "publint", "run", tarball, "--strict");
    if (manifest.publishConfig.exports !== undefined) run(out, "attw", tarball, "--profile", "esm-only");
    tarballs[manifest.name] = `file:${tarball}`;
  }

  mkdirSync(project);
  // Peers that are optional come with nothing, and an entry may be for those who have them.
  const peers = Object.assign({}, ...packages.map(({ manifest }) => optionalPeers(manifest))) as Record<string, string>;
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: { ...peers, ...tarballs } }),
  );
  // The packages want each other's published versions: these are the ones about to be. Nothing undeclared resolves.
  writeFileSync(join(project, "pnpm-workspace.yaml"), JSON.stringify({ overrides: tarballs, hoist: false }));
  run(project, "pnpm", "install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile");

  for (const { manifest } of packages) {
    const { exports = {}, bin = {} } = manifest.publishConfig;
    const entries = Object.keys(exports).map((entry) => posix.join(manifest.name, entry));
    for (const entry of entries) run(project, "node", "--input-type=module", "--eval", `await import("${entry}")`);
    for (const command of Object.keys(bin)) run(project, join(project, "node_modules/.bin", command), "--help");
    console.log(`${manifest.name}: packed, linted, installed, ${[...entries, ...Object.keys(bin)].join(", ")} loaded`);
  }
} finally {
  rmSync(out, { recursive: true });
}

function optionalPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): Record<string, string> {
  return Object.fromEntries(Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional));
}
