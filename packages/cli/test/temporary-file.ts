import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** The path of a file that does not exist yet, in a folder that does not either, until the test ends. */
export async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-cli-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "below", "kv.sqlite");
}
