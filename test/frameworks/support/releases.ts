import { isFull } from "../../support/full.ts";

/**
 * The releases of a host to test with, of which the newest stands first: for a release of ours all
 * of them; else the newest, since each takes a minute to install and to build.
 */
export function releasesToTest<Name extends string, Release>(
  releases: Readonly<Record<Name, Release>>,
): [Name, Release][] {
  const all = Object.entries(releases) as [Name, Release][];
  return isFull ? all : all.slice(0, 1);
}
