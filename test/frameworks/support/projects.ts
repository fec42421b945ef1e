import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Block } from "../../docs/support/blocks.ts";

/** What a project depends on: names to what is installed. */
export type Dependencies = Readonly<Record<string, string>>;

/** A folder of a reader's, in which they typed what a page installs. */
export interface Project {
  readonly folder: string;
  remove(): Promise<void>;
}

/** What a page's installs come to: its last word on each package. */
export function dependenciesOf(installs: readonly string[][], tarballs: Dependencies): Dependencies {
  return Object.fromEntries(
    installs.flat().map((spec) => {
      const [, name, version = "latest"] = /^(@?[^@]+)(?:@(.+))?$/.exec(spec)!;
      return [name!, tarballs[name!] ?? version];
    }),
  );
}

/** Blocks that can stand in one project, one after the other: none of them installs what another had otherwise. */
export function projectsOf(blocks: readonly Block[], tarballs: Dependencies): [Dependencies, Block[]][] {
  const projects: [Dependencies, Block[]][] = [];
  for (const block of blocks) {
    const wanted = dependenciesOf(block.installs, tarballs);
    const last = projects.at(-1);
    if (last !== undefined && Object.entries(last[0]).every(([name, spec]) => wanted[name] === spec)) {
      last[0] = wanted;
      last[1].push(block);
    } else projects.push([wanted, [block]]);
  }
  return projects;
}

/** Makes a folder as `npm init -y` leaves it, and installs there; nothing else resolves. */
export async function installProject(dependencies: Dependencies, tarballs: Dependencies): Promise<Project> {
  const folder = await writeProject({ "package.json": JSON.stringify({ type: "commonjs", dependencies }) });
  // The packages want each other's published versions: these are the ones about to be.
  await writeFile(join(folder, "pnpm-workspace.yaml"), JSON.stringify({ overrides: tarballs, hoist: false }));
  const args = ["install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile"];
  await promisify(execFile)("pnpm", args, { cwd: folder, maxBuffer: 2 ** 26 });
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/** Writes files, by path, in a folder of their own; tells which. */
export async function writeProject(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-reader-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
