import type { Call, State, Write } from "./history.ts";
import type { Story } from "./story.ts";

/** What a read of a key may find. */
export function allowedStates(story: Story, call: Call, key: string): Set<State> {
  const called = call.called.place;
  const settled = call.settled!.place;
  const writes = story.writesOf(key).filter((write) => write.from < settled);
  const pending = writes.findLast((write) => write.to < called && story.isWaiting(write.call, called));
  const allowed = new Set<State>();
  if (pending) {
    for (const write of writes) {
      const isGone = !story.isWaiting(write.call, called) && story.attemptsOf(write).length === 0;
      if (!story.isOlder(write, pending) && (write.from > called || !isGone)) allowed.add(write.state);
    }
    // Of a stream, or once the write has failed, the API is asked. One of many fails before its call does.
    const mayHaveFailed = writes
      .filter((write) => !story.isOlder(write, pending))
      .some((write) => story.attemptsOf(write).some(({ over, confirmed }) => over && !confirmed.includes(key)));
    const isOneOfMany = pending.call.writes.length > 1 && mayHaveFailed;
    // Then those count again that were waited for before it.
    if (isOneOfMany) for (const { call: by, state } of writes) if (story.isWaiting(by, called)) allowed.add(state);
    if (!pending.streamed && !isOneOfMany && story.isWaiting(pending.call, settled)) return allowed;
    if (pending.call.settled && pending.call.error === undefined && pending.call.settled.place < settled)
      return allowed;
  }
  for (const state of story.statesBetween(key, called, settled)) allowed.add(state);
  for (const write of writes) if (isUnderWay(story, write, called, settled)) allowed.add(write.state);
  return allowed;
}

/** What a read of a key may find through a cache: nothing older than what was acknowledged, or is waited for. */
export function allowedCopies(story: Story, call: Call, key: string): Set<State> {
  const { place } = call.called;
  const writes = story.writesOf(key).filter((write) => write.from < call.settled!.place);
  const known = writes.filter((write) => {
    const acknowledged = story.acknowledgedAt(write);
    if (acknowledged !== undefined && acknowledged < place) return true;
    const { kind, error } = write.call;
    if (kind === "wrap" || write.streamed || error !== undefined) return false;
    // Of a stream only the API can tell what it holds, which has not seen what the stream replaced.
    const isReplaced = writes.some((one) => one.streamed && one.to < place && story.isOlder(write, one));
    return !isReplaced && write.to < place && story.isWaiting(write.call, place);
  });
  const allowed = new Set<State>();
  for (const write of writes) if (!known.some((one) => story.isOlder(write, one))) allowed.add(write.state);
  const atTheStart = story.effects.find((effect) => effect.key === key && effect.attempt === undefined);
  if (known.length === 0) allowed.add(atTheStart?.state ?? null);
  return allowed;
}

/** Whether a write was waited for, or on the wire or to be sent again, at some time between two places. */
function isUnderWay(story: Story, write: Write, from: number, to: number): boolean {
  if (write.from > from || story.isWaiting(write.call, from)) return true;
  const attempts = story.attemptsOf(write);
  if (!attempts.some(({ sent }) => sent.place < to)) return false;
  // Once it is sent, those wait for it as well whose writes it replaced. Of an item of an iterable it may not be known
  // when it was called.
  const isWaitedFor = story
    .writesOf(write.key)
    .some((one) => one !== write && !story.isOlder(write, one) && story.isWaiting(one.call, from));
  return isWaitedFor || attempts.some(({ over }) => (over?.place ?? to) >= from);
}
