/** The oldest Node that this runs on: `engines` of package.json. */
const [MAJOR, MINOR] = [22, 19] as const;

/** Returns the error text for a Node that is too old; `undefined` for any other. */
export function tooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return undefined;
  return `kvplug needs Node ${MAJOR}.${MINOR} or newer, and this is ${version}.`;
}
