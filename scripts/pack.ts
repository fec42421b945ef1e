import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { publicPackages } from "./public-packages.ts";

/** Packs all packages as they are published, into a folder; tells the tarball of each by name. They must have been built. */
export async function packAll(into: string): Promise<Record<string, string>> {
  await run(".", "pnpm", "--recursive", "--filter", "./packages/*", "pack", "--out", join(into, "%s.tgz"));
  const tarballOf = (name: string): string => join(into, `${name.replace("@", "").replace("/", "-")}.tgz`);
  return Object.fromEntries(publicPackages().map(({ manifest: { name } }) => [name, tarballOf(name)]));
}

/** Tarballs as a project depends on them: by name, `file:` and the path. */
export function asDependencies(tarballs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tarballs).map(([name, tarball]) => [name, `file:${tarball}`]));
}

/** Runs a command and tells what it said; where it failed, with what it complained of. */
export async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (cause) {
    const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
    throw new Error(`${[command, ...args].join(" ")}\n${stdout}${stderr}`, { cause });
  }
}
