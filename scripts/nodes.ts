import { run } from "./pack.ts";

/** The versions of Node that the packages support: the oldest, and the newest of each line. */
export const NODES: readonly string[] = ["22.19", "22", "24", "26"];

/** Gets a version of Node from the registry and tells where it is. */
export async function execPathOf(version: string): Promise<string> {
  const path = await run(
    ".",
    "pnpm",
    "--allow-build=node",
    `--package=node@${version}`,
    "dlx",
    "node",
    "-p",
    "process.execPath",
  );
  return path.trim();
}
