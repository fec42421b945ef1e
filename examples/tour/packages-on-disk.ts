import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A package that is installed, with the bytes of its `package.json`. */
export interface InstalledPackage {
  name: string;
  version: string;
  manifest: Buffer;
}

/** Every package that pnpm installed below this folder, once per version, in the order of their names. */
export async function packagesOnDisk(root: string): Promise<InstalledPackage[]> {
  const store = join(root, "node_modules", ".pnpm");
  const found = new Map<string, InstalledPackage>();
  for await (const path of glob("*/node_modules/{*,@*/*}/package.json", { cwd: store })) {
    const manifest = await readFile(join(store, path));
    const { name, version } = JSON.parse(manifest.toString()) as { name: string; version: string };
    found.set(`${name}@${version}`, { name, version, manifest });
  }
  if (found.size === 0) throw new Error(`No package is installed in ${store}: run pnpm install.`);
  return [...found.keys()].toSorted().map((id) => found.get(id)!);
}
