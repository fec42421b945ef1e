import { randomBytes } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { otherProcessRuns } from "./other-process.ts";

/** What follows the file's name in that of its next state: which process writes it, and which of its writes it is. */
const NEXT = /\.(\d+)-[\da-f]{8}\.tmp$/;

/** What this process is writing. In a container one that was killed had the same id. */
const underWay = new Set<string>();

/**
 * Replaces a file as a whole, for this user alone: whenever the process is killed, the old one is there or the new one.
 * What a killed process had begun {@link removeFile} and {@link removeRemnants} find.
 */
export async function replaceFile(path: string, content: string | Readable): Promise<void> {
  // Of this write only: another run may do the same work.
  const next = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
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
    await rm(next, { force: true });
    throw error;
  } finally {
    underWay.delete(basename(next));
  }
}

/** Removes a file that is replaced as a whole, and what killed processes had begun of it. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await removeRemnants(dirname(path), basename(path));
}

/** Removes what killed processes had begun of one of a folder's files, or of any. */
export async function removeRemnants(folder: string, file?: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.filter((name) => isRemnant(name, file)).map((name) => rm(join(folder, name), { force: true })),
  );
}

function isRemnant(name: string, file: string | undefined): boolean {
  const next = NEXT.exec(name);
  if (next === null || (file !== undefined && file !== name.slice(0, next.index))) return false;
  return !underWay.has(name) && !otherProcessRuns(Number(next[1]));
}
