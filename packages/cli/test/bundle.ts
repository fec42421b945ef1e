import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

const PACKAGE = join(import.meta.dirname, "..");
const WORKSPACE = join(PACKAGE, "..", "..");
const CACHE = join(PACKAGE, "node_modules", ".cache", "kvplug");
const DRAFT = "draft-";

/** `NODE_OPTIONS=--conditions=@kvplug/dist` runs the tests on the built packages. */
export const isBuilt: boolean = process.env["NODE_OPTIONS"]?.includes("@kvplug/dist") === true;

let made: Promise<string> | undefined;

/**
 * The path of the built command: a process of it begins in a fraction of the time that the sources take. Where the packages
 * are built, it is the one that is published, else a bundle of the sources as they are now, which the next run finds again.
 */
export function bundle(): Promise<string> {
  return (made ??= isBuilt ? Promise.resolve(join(PACKAGE, "dist", "main.js")) : bundled());
}

async function bundled(): Promise<string> {
  const name = await fingerprint();
  const main = join(CACHE, name, "main.mjs");
  if (existsSync(main)) return main;
  await mkdir(CACHE, { recursive: true });
  const others = (await readdir(CACHE)).filter((other) => other !== name && !other.startsWith(DRAFT));
  const draft = await mkdtemp(join(CACHE, DRAFT));
  const { build } = await import("tsup");
  await build({
    config: false,
    entry: [join(PACKAGE, "src", "main.ts")],
    outDir: draft,
    format: "esm",
    outExtension: () => ({ js: ".mjs" }),
    target: "node22.19",
    // All of it: what the packages depend on is not to be found from there.
    noExternal: [/./],
    removeNodeProtocol: false,
    silent: true,
    // For dependencies that are CommonJS.
    banner: { js: `import { createRequire as from } from "node:module"; const require = from(import.meta.url);` },
  });
  await rename(draft, dirname(main)).catch(async (error: unknown) => {
    // Another worker was faster, with the same.
    await rm(draft, { recursive: true });
    if (!existsSync(main)) throw error;
  });
  await Promise.all(others.map((old) => rm(join(CACHE, old), { recursive: true, force: true })));
  return main;
}

/** Of all that goes into a bundle. */
async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  const names = globSync(["packages/*/{src/**,package.json}", "pnpm-lock.yaml"], { cwd: WORKSPACE });
  for (const name of [...names.toSorted().map((one) => join(WORKSPACE, one)), import.meta.filename]) {
    const about = await stat(name);
    if (about.isFile()) hash.update(`${name}\0${about.size}\0`).update(await readFile(name));
  }
  return hash.digest("hex").slice(0, 16);
}
