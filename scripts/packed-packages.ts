/**
 * Packs each public package as it is published, lints the tarballs, then installs them all in an empty project and
 * loads every entry and starts every command there: what is missing from `files`, `dependencies` or `publishConfig`
 * shows here and nowhere else. In a second project, which has no optional peers, every entry loads that needs none.
 * The packages must have been built.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { pack, run } from "./pack.ts";
import { publicPackages, type Manifest } from "./public-packages.ts";

/** The entries that need an optional peer of their package. */
const NEED_A_PEER = new Set(["@kvplug/session/express"]);

const out = mkdtempSync(join(tmpdir(), "kvplug-packed-"));

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

  // Peers that are optional come with nothing, and an entry may be for those who have them.
  const peers = Object.assign({}, ...packages.map(({ manifest }) => optionalPeers(manifest))) as Record<string, string>;
  const project = install("project", tarballs, peers);
  for (const { manifest } of packages) {
    const { bin = {} } = manifest.publishConfig;
    const entries = entriesOf(manifest);
    for (const entry of entries) load(project, entry);
    for (const command of Object.keys(bin)) run(project, join(project, "node_modules/.bin", command), "--help");
    console.log(`${manifest.name}: packed, linted, installed, ${[...entries, ...Object.keys(bin)].join(", ")} loaded`);
  }

  const bare = install("without-peers", tarballs, {});
  for (const { manifest } of packages.filter((one) => Object.keys(optionalPeers(one.manifest)).length > 0)) {
    const entries = entriesOf(manifest).filter((entry) => !NEED_A_PEER.has(entry));
    for (const entry of entries) load(bare, entry);
    console.log(`${manifest.name}, without its optional peers: ${entries.join(", ")} loaded`);
  }
} finally {
  rmSync(out, { recursive: true });
}

/** Installs the packages, and whatever is given besides, in a project of its own. Nothing undeclared resolves there. */
function install(name: string, tarballs: Record<string, string>, besides: Record<string, string>): string {
  const project = join(out, name);
  mkdirSync(project);
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: { ...besides, ...tarballs } }),
  );
  // The packages want each other's published versions: these are the ones about to be.
  writeFileSync(join(project, "pnpm-workspace.yaml"), JSON.stringify({ overrides: tarballs, hoist: false }));
  run(project, "pnpm", "install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile");
  return project;
}

function load(project: string, entry: string): void {
  run(project, "node", "--input-type=module", "--eval", `await import("${entry}")`);
}

function entriesOf({ name, publishConfig: { exports = {} } }: Manifest): string[] {
  return Object.keys(exports).map((entry) => posix.join(name, entry));
}

function optionalPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): Record<string, string> {
  return Object.fromEntries(Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional));
}
