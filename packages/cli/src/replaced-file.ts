import { createHash, randomBytes } from "node:crypto";
import { readlinkSync } from "node:fs";
import { open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { otherProcessRuns } from "./other-process.ts";

/** What follows a file's name in that of its next state: where it is written, by which process, and by which write. */
const NEXT = /\.([\da-f]{8})-(\d+)-[\da-f]{8}\.tmp$/;

/** This machine, or container: elsewhere the ids of processes tell nothing, and a folder may be shared. */
const HERE = createHash("sha256").update(`${hostname()} ${processNamespace()}`).digest("hex").slice(0, 8);

/** What another machine has not touched for so long, it does not write any more. */
const A_DAY_IN_MILLISECONDS = 86_400_000;

/** What this process is writing. One that was killed may have had the same id. */
const underWay = new Set<string>();

/**
 * Replaces a file as a whole, for this user alone: whenever the process is killed, the old one is there or the new one.
 * What a killed process had begun {@link removeFile} and {@link removeRemnants} find.
 */
export async function replaceFile(path: string, content: string | Readable): Promise<void> {
  const next = nextOf(path, process.pid);
  underWay.add(basename(next));
  try {
    const file = await open(next, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    if (typeof content !== "string") content.destroy();
    await unlink(next).catch(() => {});
    // The name that the caller knows.
    throw error instanceof Error && "path" in error && error.path === next ? Object.assign(error, { path }) : error;
  } finally {
    underWay.delete(basename(next));
  }
}

/** A name for the next state of a file, and for one write only: another run may do the same work. */
export function nextOf(path: string, pid: number): string {
  return `${path}.${HERE}-${pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** Removes a file that is replaced as a whole, and what killed processes had begun of it. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await removeRemnants(dirname(path), basename(path));
}

/** Removes what killed processes had begun of one of a folder's files, or of any. What cannot be removed stays. */
export async function removeRemnants(folder: string, file?: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const tidy = async (name: string): Promise<void> => {
    if (await isRemnant(folder, name, file)) await unlink(join(folder, name));
  };
  await Promise.allSettled(names.map(tidy));
}

async function isRemnant(folder: string, name: string, file: string | undefined): Promise<boolean> {
  const next = NEXT.exec(name);
  if (next === null || (file !== undefined && file !== name.slice(0, next.index))) return false;
  const [, where, pid] = next;
  if (where === HERE) return !underWay.has(name) && !otherProcessRuns(Number(pid));
  const { mtimeMs } = await stat(join(folder, name));
  return mtimeMs < Date.now() - A_DAY_IN_MILLISECONDS;
}

/** Containers of one host have their own ids of processes, and may have its name. */
function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
