/**
 * What waits is replaced by a later write of its key. Where that may be withdrawn sooner, the earlier one is kept
 * beneath it, to come back; else it is answered for by the later one from then on.
 *
 * @module
 */
import type { Write } from "./write.ts";

/** Puts a waiting write, with what it replaced itself, beneath a later one. Returns those that will not come back. */
export function replace(write: Write, before: Write): Write[] {
  write.replaced = before;
  before.replacement = write;
  return mayBeWithdrawnFirst(write, before) ? [] : beneath(write);
}

/** Lets go of all that a write replaced: who waits for them waits for it now. Returns them. */
export function beneath(write: Write): Write[] {
  const gone: Write[] = [];
  for (let before = write.replaced; before; before = before.replaced) {
    adopt(write, before);
    before.replacement = undefined;
    before.discard();
    before.over();
    gone.push(before);
  }
  for (const before of gone) before.replaced = undefined;
  write.replaced = undefined;
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

/** Whether those who wait for a write may stop waiting sooner than those who wait for the one that it replaced. */
function mayBeWithdrawnFirst(write: Write, before: Write): boolean {
  if (write.isStream) return true;
  return write.writers.mayAbort || write.writers.latestEnd < before.writers.latestEnd;
}

/** Those who wait for one write wait for another; the smaller group moves. */
function adopt(write: Write, before: Write): void {
  if (before.writers.size > write.writers.size) {
    [write.writers, before.writers] = [before.writers, write.writers];
    write.writers.write = write;
    before.writers.write = before;
  }
  for (const writer of before.writers.take()) write.writers.join(writer);
}
