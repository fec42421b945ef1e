import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the scripts here read of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  publishConfig: {
    main?: string;
    exports?: Record<string, string | { default: string }>;
    bin?: Record<string, string>;
  };
}

/** A package that is published. */
export interface PublicPackage {
  /** Its folder, from the working directory. */
  folder: string;
  manifest: Manifest;
}

/** All packages that are published, by folder. The working directory is the root, as in every script of it, or else is told. */
export function publicPackages(root = "."): PublicPackage[] {
  return readdirSync(join(root, "packages"))
    .toSorted()
    .map((name) => join(root, "packages", name))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** The entries of a package, and the file of each that was built as ESM. */
export function entriesOf({ publishConfig: { exports = {} } }: Manifest): [entry: string, built: string][] {
  return Object.entries(exports).map(([entry, to]) => [entry, typeof to === "string" ? to : to.default]);
}
