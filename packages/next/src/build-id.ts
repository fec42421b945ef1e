import { readFileSync } from "node:fs";
import { join } from "node:path";

const known = new Map<string, string>();

/** The id of the build whose server files are in a folder; `"dev"` where there is none yet. */
export function buildIdOf(serverDistDir: string | undefined): string {
  if (serverDistDir === undefined) return "dev";
  let id = known.get(serverDistDir);
  if (id === undefined) {
    try {
      id = readFileSync(join(serverDistDir, "..", "BUILD_ID"), "utf8").trim();
    } catch {
      return "dev";
    }
    known.set(serverDistDir, id);
  }
  return id;
}
