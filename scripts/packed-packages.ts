/**
 * Packs each public package as it is published, lints the tarballs, then installs them all in an empty project, loads
 * every entry, starts every command and runs a program there: what is missing from `files`, `dependencies` or
 * `publishConfig` shows here and nowhere else. In a second project, which has no optional peers, every entry loads that
 * needs none; in a third, all versions of the hosts' types compile with theirs. The packages must have been built.
 *
 * It is done on the Node that runs this, or on those whose versions are arguments: `pnpm test:packed 22 26`; then an older
 * one must be told which it needs. Versions in
 * `KVPLUG_NODES` stand for arguments: so `.ci/run` has `pnpm check` do what `pnpm test:packed` does, once for both.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { execPathOf } from "./nodes.ts";
import { pack, run } from "./pack.ts";
import { checkTypes, TYPED_HOSTS } from "./packed-types.ts";
import { entriesOf, publicPackages, type Manifest } from "./public-packages.ts";

/** The entries that need an optional peer of their package. */
const NEED_A_PEER = new Set(["@kvplug/session/express"]);

/** A Node that is too old for the packages. */
const TOO_OLD = "20";

const out = mkdtempSync(join(tmpdir(), "kvplug-packed-"));

try {
  const packages = publicPackages();
  const tarballs: Record<string, string> = {};
  for (const one of packages) {
    const { manifest } = one;
    const tarball = pack(one, out);
    run(out, "publint", "run", tarball, "--strict");
    const { main, exports } = manifest.publishConfig;
    if (exports !== undefined) run(out, "attw", tarball, "--profile", main === undefined ? "esm-only" : "strict");
    tarballs[manifest.name] = `file:${tarball}`;
    console.log(`${manifest.name}: packed and linted`);
  }

  // Peers that are optional come with nothing, and an entry may be for those who have them.
  const peers = Object.assign({}, ...packages.map(({ manifest }) => optionalPeers(manifest))) as Record<string, string>;
  const project = install("project", tarballs, peers);
  const bare = install("without-peers", tarballs, {});
  copyFileSync("test/packed/program.js", join(project, "program.js"));
  checkTypes(install("types", tarballs, { ...peers, ...TYPED_HOSTS }));
  const entries = packages.flatMap(({ manifest }) =>
    entriesOf(manifest).map(([entry]) => posix.join(manifest.name, entry)),
  );

  const versions = process.argv.length > 2 ? process.argv.slice(2) : (process.env["KVPLUG_NODES"]?.split(" ") ?? []);
  const nodes = versions.length === 0 ? [process.execPath] : versions.map(execPathOf);
  for (const node of nodes) {
    const version = run(project, node, "--version").trim();
    for (const entry of entries) load(node, project, entry);
    for (const { manifest } of packages) {
      for (const file of Object.values(manifest.publishConfig.bin ?? {})) {
        run(project, node, join("node_modules", manifest.name, file), "--help");
      }
    }
    console.log(`Node ${version}: ${entries.join(", ")} and the commands loaded`);
    console.log(`Node ${version}: ${run(project, node, "program.js").trim()}`);
    for (const entry of entries) if (!NEED_A_PEER.has(entry)) load(node, bare, entry);
    console.log(`Node ${version}: without optional peers, all but ${Array.from(NEED_A_PEER).join(", ")} loaded`);
  }
  if (versions.length > 0) {
    const node = execPathOf(TOO_OLD);
    for (const entry of entries) refuse(node, project, entry);
    console.log(`Node ${TOO_OLD}: is told which Node is needed`);
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

/** Loads an entry as ESM and by `require`, which must be the same: what an app keeps there is there once. */
function load(node: string, project: string, entry: string): void {
  const program = `
    const imported = await import("${entry}");
    const required = process.getBuiltinModule("module").createRequire(process.cwd() + "/")("${entry}");
    for (const name of Object.keys(imported)) if (imported[name] !== required[name]) throw new Error(name + " is there twice.");
  `;
  run(project, node, "--input-type=module", "--eval", program);
}

/** Expects that an entry tells a Node that is too old which one it needs. */
function refuse(node: string, project: string, entry: string): void {
  const { status, stderr } = spawnSync(node, ["--input-type=module", "--eval", `await import("${entry}")`], {
    cwd: project,
    encoding: "utf8",
  });
  if (status === 0 || !/needs? Node /.test(stderr)) throw new Error(`${entry} on Node ${TOO_OLD}:\n${stderr}`);
}

function optionalPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): Record<string, string> {
  return Object.fromEntries(Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional));
}
