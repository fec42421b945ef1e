/**
 * Rejects a Node that is too old with a clear error, before anything is loaded that would fail less clearly. A module
 * of its own, which entries import first.
 *
 * @module
 */

/** The oldest Node that this runs on: `engines` of package.json. */
const [MAJOR, MINOR] = [22, 19] as const;

/** A platform's versions. Outside Node there is no `node`, but Bun and Deno report one. */
export type Versions = Readonly<Record<string, string | undefined>>;

/** Returns the error text for a Node that is too old; `undefined` for any other, and for other platforms. */
export function tooOld({ node, bun, deno }: Versions): string | undefined {
  if (node === undefined || bun !== undefined || deno !== undefined) return undefined;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return undefined;
  return `@kvplug/core, and packages built on it, need Node ${MAJOR}.${MINOR} or newer; this is ${node}.`;
}

const refusal = tooOld((globalThis as { process?: { versions?: Versions } }).process?.versions ?? {});
if (refusal !== undefined) throw new Error(refusal);

/** Importing this guarantees a supported Node. */
export const isNewEnough = true;
