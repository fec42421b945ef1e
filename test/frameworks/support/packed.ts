import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { pack } from "../../../scripts/pack.ts";
import { publicPackages } from "../../../scripts/public-packages.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The packed packages: name to `file:` of the tarball. */
    tarballs: Record<string, string>;
  }
}

/** Packs all packages, as a user would get them. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const out = await mkdtemp(join(tmpdir(), "kvplug-tarballs-"));
  const tarballs: Record<string, string> = {};
  for (const one of publicPackages()) {
    tarballs[one.manifest.name] = `file:${pack(one, out)}`;
  }
  provide("tarballs", tarballs);
  return () => rm(out, { recursive: true });
}
