const isFull = process.env["KVPLUG_TEST"] === "full";

/**
 * The releases of a host to test with, of which the newest stands first: with `KVPLUG_TEST=full`, at a release of ours, all
 * of them; else the newest, since each takes a minute to install and to build.
 */
export function releasesToTest<Release>(releases: Readonly<Record<string, Release>>): [name: string, Release][] {
  const all = Object.entries(releases);
  return isFull ? all : all.slice(0, 1);
}
