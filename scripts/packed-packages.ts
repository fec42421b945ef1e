/**
 * Packs each public package as it is published, lints the tarballs, then installs them all in an empty project, loads
 * every entry, starts every command and runs a program there: what is missing from `files`, `dependencies` or
 * `publishConfig` shows here and nowhere else. In a second project, which has no optional peers, every entry loads that
 * needs none. The packages must have been built.
 *
 * It is done on the Node that runs this, or on those whose versions are arguments: `pnpm test:packed 22 26`.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { execPathOf } from "./nodes.ts";
import { pack, run } from "./pack.ts";
import { publicPackages, type Manifest } from "./public-packages.ts";

/** The entries that need an optional peer of their package. */
const NEED_A_PEER: ReadonlySet<string> = new Set(["@kvplug/session/express"]);

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
    console.log(`${manifest.name}: packed and linted`);
  }

  // Peers that are optional come with nothing, and an entry may be for those who have them.
  const peers = Object.assign({}, ...packages.map(({ manifest }) => optionalPeers(manifest))) as Record<string, string>;
  const project = install("project", tarballs, peers);
  const bare = install("without-peers", tarballs, {});
  copyFileSync("test/packed/program.js", join(project, "program.js"));

  const entries = packages.flatMap(({ manifest }) => entriesOf(manifest));
  const commands = packages.flatMap(({ manifest: { name, publishConfig } }) =>
    Object.values(publishConfig.bin ?? {}).map((file) => join("node_modules", name, file)),
  );
  const versions = process.argv.slice(2);
  for (const node of versions.length === 0 ? [process.execPath] : versions.map(execPathOf)) {
    const load = (where: string, entry: string): string =>
      run(where, node, "--input-type=module", "--eval", `await import("${entry}")`);
    for (const entry of entries) load(project, entry);
    for (const entry of entries.filter((one) => !NEED_A_PEER.has(one))) load(bare, entry);
    for (const command of commands) run(project, node, command, "--help");
    const said = run(project, node, "program.js").trim();
    console.log(`Node ${run(project, node, "--version").trim()}: ${entries.join(", ")} loaded; ${said}`);
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

function entriesOf({ name, publishConfig: { exports = {} } }: Manifest): string[] {
  return Object.keys(exports).map((entry) => posix.join(name, entry));
}

function optionalPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): Record<string, string> {
  return Object.fromEntries(Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional));
}
