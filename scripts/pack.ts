import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { PublicPackage } from "./public-packages.ts";

/** Packs a package as it is published, into a folder; tells the tarball. It must have been built. */
export function pack({ folder, manifest }: PublicPackage, into: string): string {
  const tarball = join(into, `${manifest.name.replace("/", "-")}.tgz`);
  run(folder, "pnpm", "pack", "--out", tarball);
  return tarball;
}

/** Runs a command and tells what it said; where it failed, with what it complained of. */
export function run(cwd: string, command: string, ...args: string[]): string {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${[command, ...args].join(" ")}\n${stdout}${stderr}`, { cause: error });
  return stdout;
}
