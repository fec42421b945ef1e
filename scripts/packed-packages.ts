/**
 * Packs each public package as it is published, lints the tarballs, then installs them all in an empty project, loads
 * every entry, starts every command and runs a program there: what is missing from `files`, `dependencies` or
 * `publishConfig` shows here and nowhere else. The packages must have been built.
 *
 * It is done on the Node that runs this, or on those whose versions are arguments: `pnpm test:packed 22 26`.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { execPathOf } from "./nodes.ts";
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
    console.log(`${manifest.name}: packed and linted`);
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

  const entries = packages.flatMap(({ manifest: { name, publishConfig } }) =>
    Object.keys(publishConfig.exports ?? {}).map((entry) => posix.join(name, entry)),
  );
  copyFileSync("test/packed/program.js", join(project, "program.js"));

  const versions = process.argv.slice(2);
  const nodes = versions.length === 0 ? [process.execPath] : versions.map(execPathOf);
  for (const node of nodes) {
    const version = run(project, node, "--version").trim();
    for (const entry of entries) run(project, node, "--input-type=module", "--eval", `await import("${entry}")`);
    for (const { manifest } of packages) {
      for (const file of Object.values(manifest.publishConfig.bin ?? {})) {
        run(project, node, join("node_modules", manifest.name, file), "--help");
      }
    }
    console.log(`Node ${version}: ${entries.join(", ")} and the commands loaded`);
    console.log(`Node ${version}: ${run(project, node, "program.js").trim()}`);
  }
} finally {
  rmSync(out, { recursive: true });
}

function optionalPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): Record<string, string> {
  return Object.fromEntries(Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional));
}
