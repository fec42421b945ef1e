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
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, posix } from "node:path";
import pMap from "p-map";
import { execPathOf } from "./nodes.ts";
import { asDependencies, packAll, run } from "./pack.ts";
import { checkTypes, TYPED_HOSTS } from "./packed-types.ts";
import { entriesOf, publicPackages, type Manifest } from "./public-packages.ts";

/** The entries that need an optional peer of their package. */
const NEED_A_PEER = new Set(["@kvplug/session/express"]);

/** A Node that is too old for the packages. */
const TOO_OLD = "20";

const out = mkdtempSync(join(tmpdir(), "kvplug-packed-"));
const atOnce = { concurrency: availableParallelism() };

try {
  const packages = publicPackages();
  const tarballs = await packAll(out);
  await pMap(packages, ({ manifest }) => lint(manifest, tarballs[manifest.name]!), atOnce);

  const files = asDependencies(tarballs);
  // Peers that are optional come with nothing, and an entry may be for those who have them.
  const peers = Object.assign({}, ...packages.map(({ manifest }) => optionalPeers(manifest))) as Record<string, string>;
  const project = await install("project", files, peers);
  const bare = await install("without-peers", files, {});
  copyFileSync("test/packed/program.js", join(project, "program.js"));
  await checkTypes(await install("types", files, { ...peers, ...TYPED_HOSTS }), atOnce);

  const entries = packages.flatMap(({ manifest }) =>
    entriesOf(manifest).map(([entry]) => posix.join(manifest.name, entry)),
  );
  const without = entries.filter((entry) => !NEED_A_PEER.has(entry));
  const commands = packages.flatMap(({ manifest: { name, publishConfig } }) =>
    Object.values(publishConfig.bin ?? {}).map((file) => join("node_modules", name, file)),
  );
  // None leans on what another has loaded: that is the same on each Node.
  const alone = [
    ...entries.map((entry) => [project, entry] as const),
    ...without.map((entry) => [bare, entry] as const),
  ];
  await pMap(alone, ([folder, entry]) => load(process.execPath, folder, [entry]), atOnce);
  console.log("each entry loaded by itself, with optional peers and without");

  const versions = process.argv.length > 2 ? process.argv.slice(2) : (process.env["KVPLUG_NODES"]?.split(" ") ?? []);
  // pnpm gets them one after the other.
  const nodes = versions.length === 0 ? [process.execPath] : await pMap(versions, execPathOf, { concurrency: 1 });
  for (const node of nodes) {
    const version = (await run(project, node, "--version")).trim();
    await Promise.all([load(node, project, entries), load(node, bare, without)]);
    await pMap(commands, async (command) => void (await run(project, node, command, "--help")), atOnce);
    console.log(`Node ${version}: ${entries.join(", ")} and the commands loaded`);
    console.log(`Node ${version}: without optional peers, all but ${Array.from(NEED_A_PEER).join(", ")} loaded`);
    console.log(`Node ${version}: ${(await run(project, node, "program.js")).trim()}`);
  }
  if (versions.length > 0) {
    await refuse(await execPathOf(TOO_OLD), project, entries);
    console.log(`Node ${TOO_OLD}: is told which Node is needed`);
  }
} finally {
  rmSync(out, { recursive: true });
}

async function lint({ name, publishConfig }: Manifest, tarball: string): Promise<void> {
  await run(out, "publint", "run", tarball, "--strict");
  const { main, exports } = publishConfig;
  if (exports !== undefined) await run(out, "attw", tarball, "--profile", main === undefined ? "esm-only" : "strict");
  console.log(`${name}: packed and linted`);
}

/** Installs the packages, and whatever is given besides, in a project of its own. Nothing undeclared resolves there. */
async function install(
  name: string,
  tarballs: Record<string, string>,
  besides: Record<string, string>,
): Promise<string> {
  const project = join(out, name);
  mkdirSync(project);
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: { ...besides, ...tarballs } }),
  );
  // The packages want each other's published versions: these are the ones about to be.
  writeFileSync(join(project, "pnpm-workspace.yaml"), JSON.stringify({ overrides: tarballs, hoist: false }));
  await run(project, "pnpm", "install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile");
  return project;
}

/** Loads entries as ESM and by `require`, which must be the same: what an app keeps there is there once. */
async function load(node: string, project: string, entries: readonly string[]): Promise<void> {
  const program = `
    const require = process.getBuiltinModule("module").createRequire(process.cwd() + "/");
    for (const entry of ${JSON.stringify(entries)}) {
      const imported = await import(entry);
      const required = require(entry);
      for (const name of Object.keys(imported)) if (imported[name] !== required[name]) throw new Error(entry + ": " + name + " is there twice.");
    }
  `;
  await run(project, node, "--input-type=module", "--eval", program);
}

/** Expects that each entry tells a Node that is too old which one it needs. */
async function refuse(node: string, project: string, entries: readonly string[]): Promise<void> {
  const program = `
    for (const entry of ${JSON.stringify(entries)}) {
      const message = await import(entry).then(() => "It was loaded.", String);
      if (!/needs? Node /.test(message)) throw new Error(entry + ": " + message);
    }
  `;
  await run(project, node, "--input-type=module", "--eval", program);
}

function optionalPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): Record<string, string> {
  return Object.fromEntries(Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional));
}
