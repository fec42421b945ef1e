import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { packAll } from "../../../scripts/pack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The packed packages: name to `file:` of the tarball. */
    tarballs: Record<string, string>;
  }
}

/** Packs all packages, as a user would get them. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const out = await mkdtemp(join(tmpdir(), "kvplug-tarballs-"));
  const tarballs = Object.entries(await packAll(out)).map(([name, tarball]) => [name, `file:${tarball}`]);
  provide("tarballs", Object.fromEntries(tarballs) as Record<string, string>);
  return () => rm(out, { recursive: true });
}
