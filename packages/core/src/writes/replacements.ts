/**
 * A later write of a key replaces one that waits. If the later one may be withdrawn first, the earlier one is kept
 * beneath it, to come back; otherwise the later one answers for it.
 *
 * @module
 */
import type { Write } from "./write.ts";

const NONE: readonly Write[] = [];

/**
 * Puts a waiting write, with what it replaced itself, beneath a later one. Returns those that cannot come back, since
 * the later one will not be withdrawn before them.
 */
export function replace(write: Write, before: Write): readonly Write[] {
  write.replaced = before;
  before.replacement = write;
  const { isStream } = write;
  const { mayAbort, end } = write.writers;
  return letGo(write, ({ writers }) => !isStream && !mayAbort && writers.end <= end);
}

/** Lets go of all that a write replaced. Returns them. */
export function beneath(write: Write): readonly Write[] {
  return letGo(write, () => true);
}

/** Releases what a write replaced, from the top: its waiters now wait for the write. Returns what was released. */
function letGo(write: Write, isCovered: (before: Write) => boolean): readonly Write[] {
  // Nearly no write has replaced another one.
  if (write.replaced === undefined) return NONE;
  const gone: Write[] = [];
  for (let before = write.replaced; before && isCovered(before); before = write.replaced) {
    adopt(write, before);
    withdraw(before);
    before.discard();
    before.over();
    gone.push(before);
  }
  return gone;
}

/** Takes a write out from among those that replaced each other. Returns the one that it had replaced. */
export function withdraw(write: Write): Write | undefined {
  const { replaced, replacement } = write;
  if (replaced) replaced.replacement = replacement;
  if (replacement) replacement.replaced = replaced;
  write.replaced = undefined;
  write.replacement = undefined;
  return replaced;
}

/** Moves the waiters of one write to another; the smaller group moves. */
function adopt(write: Write, before: Write): void {
  if (before.writers.size > write.writers.size) {
    [write.writers, before.writers] = [before.writers, write.writers];
    write.writers.write = write;
    before.writers.write = before;
  }
  for (const writer of before.writers.take()) write.writers.join(writer);
}
