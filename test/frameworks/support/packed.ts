import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { asDependencies, packAll } from "../../../scripts/pack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The packed packages: name to `file:` of the tarball. */
    tarballs: Record<string, string>;
  }
}

/** Packs all packages, as a user would get them. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const out = await mkdtemp(join(tmpdir(), "kvplug-tarballs-"));
  provide("tarballs", asDependencies(await packAll(out)));
  return () => rm(out, { recursive: true });
}
