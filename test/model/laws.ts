/**
 * What the driver promises, as laws that any history of calls, requests and effects must keep. The API of these
 * histories is strongly consistent, nobody else writes to it, and what a client gave up takes effect within its `lag`
 * or never.
 *
 * "Older" and "later" are about the moments at which writes were called.
 *
 * @module
 */
import { inspect } from "node:util";
import { isKVError, KVBulkError, type Milliseconds } from "@kvplug/core";
import { CACHE_DEADLINE } from "@kvplug/core/seam";
import { allowedCopies, allowedStates } from "./allowed-reads.ts";
import type { Call, History, Write } from "./history.ts";
import type { Setup } from "./run.ts";
import { Story } from "./story.ts";

/** How late a promise may settle after its deadline. */
const LATE: Milliseconds = 50;

/** For how long a key may be held after an attempt was given up, so that `close()` may take as long. */
const LONGEST_HOLD: Milliseconds = 5_000;

/** For how long nothing may be sent, since the API said so, or failed. */
const LONGEST_PAUSE: Milliseconds = 30_000;

type Law = (story: Story, setup: Setup) => Iterable<string>;

/** Each law under the letter by which a breach names it. */
const LAWS: Readonly<Record<string, Law>> = {
  "a. A resolved write has taken effect, or a later one of its key has.": function* (story) {
    for (const call of story.history.calls) {
      for (const write of call.writes) {
        const place = story.acknowledgedAt(write);
        if (place === undefined) continue;
        const done = story.effects.some(
          ({ key, place: at, writes }) =>
            key === write.key && at < place && writes.some((one) => !story.isOlder(one, write)),
        );
        if (!done) yield `${nameOf(write)} was acknowledged, and had not taken effect`;
      }
    }
  },

  "b. Nothing acknowledged is followed by the effect of an older write of its key.": function* (story) {
    for (const { key, place, at, writes, state, attempt } of story.effects) {
      if (attempt === undefined) continue;
      const [older] = writes;
      if (older === undefined) {
        yield `${key} became ${String(state)} in request ${attempt.id}, and nobody wrote that`;
        continue;
      }
      for (const write of story.writesOf(key)) {
        const acknowledged = story.acknowledgedAt(write);
        if (acknowledged === undefined || acknowledged > place) continue;
        if (!writes.every((one) => story.isOlder(one, write))) continue;
        // Another attempt of a delete that was done may still come beneath a clear: it finds nothing.
        const changesNothing = state === null && (story.lastEffect(key, place)?.state ?? null) === null;
        if (write.call.kind === "clear" && changesNothing) continue;
        yield `${nameOf(write)} was acknowledged, and then ${nameOf(older)} took effect at ${at} ms, in request ${attempt.id}`;
      }
    }
  },

  "c. Of each key, one write at most is on the wire.": function* (story) {
    const { attempts } = story.history;
    for (const [i, attempt] of attempts.entries()) {
      for (const before of attempts.slice(0, i)) {
        if (before.over && before.over.place < attempt.sent.place) continue;
        const key = attempt.keys.find((one) => before.keys.includes(one));
        if (key !== undefined)
          yield `${key} was on the wire in request ${before.id} when request ${attempt.id} was sent`;
      }
    }
  },

  "d. What nobody waits for is not sent: neither for the first time, nor again.": function* (story, { cache }) {
    for (const attempt of story.history.attempts) {
      const { place, at } = attempt.sent;
      // A cache reads on for the next one who asks.
      if (attempt.asks.length > 0 && cache === undefined) {
        const asked = story.history.calls.some(
          (call) => call.asks.some((key) => attempt.asks.includes(key)) && story.isWaiting(call, place),
        );
        if (!asked) yield `request ${attempt.id} (${attempt.route}) was sent at ${at} ms, and nobody waited for it`;
      }
      let wanted = attempt.writes.size === 0;
      for (const [key, state] of attempt.writes) {
        const writes = story.writesIn(attempt, key);
        const [write] = writes;
        if (write === undefined) continue;
        // What was made is stored for whoever comes next.
        const isMade = write.call.kind === "wrap";
        const isAgain = story.history.attempts.some(
          (before) => before.sent.place < place && before.writes.get(key) === state && !before.confirmed.includes(key),
        );
        if (!isAgain && !isMade && !writes.some(({ call }) => story.isWaiting(call, place))) {
          yield `${nameOf(write)} was sent in request ${attempt.id} at ${at} ms, and its caller had left`;
        }
        wanted ||= isMade;
        for (const one of story.writesOf(key)) {
          if (!story.isWaiting(one.call, place)) continue;
          wanted ||= writes.some((sent) => !story.isOlder(sent, one) || one.from <= sent.from);
        }
      }
      if (!wanted) yield `request ${attempt.id} (${attempt.route}) was sent at ${at} ms, and nobody waited for it`;
    }
  },

  "e. Every promise settles, by its deadline, and soon after its signal is aborted.": function* (story, { cache }) {
    const { calls, attempts, unhandled } = story.history;
    for (const call of calls) {
      const { settled, left } = call;
      if (settled === undefined) {
        yield `${callOf(call)} never settled`;
        continue;
      }
      if (call.kind === "close") continue;
      const end = endOf(call, cache !== undefined, calls);
      if (settled.at > end + LATE)
        yield `${callOf(call)} settled at ${settled.at} ms, and its deadline was at ${end} ms`;
      if (left && settled.at > left.at + LATE)
        yield `${callOf(call)} settled at ${settled.at} ms, and was aborted at ${left.at} ms`;
      if (call.reading === "under way") yield `the stream of ${callOf(call)} never came to an end`;
    }
    for (const call of calls) {
      if (call.kind !== "close" || call.settled === undefined) continue;
      const others = calls.filter(({ kind }) => kind !== "close").map(({ settled }) => settled?.at ?? 0);
      // A cache reads on after its callers left, and a stream may be read to its end.
      const readsOn = cache !== undefined || calls.some(({ reading }) => reading === "over");
      const waitedFor = attempts.filter(({ keys }) => keys.length > 0 || readsOn);
      const last = Math.max(call.called.at, ...others, ...waitedFor.map(({ over }) => over?.at ?? 0));
      if (call.settled.at > last + LONGEST_HOLD + LATE)
        yield `${callOf(call)} settled at ${call.settled.at} ms, and all else had by ${last} ms`;
    }
    for (const reason of unhandled) yield `nobody handled ${inspect(reason)}`;
  },

  "f. A read sees the writes that were called before it, and what the API holds.": function* (story, { cache }) {
    for (const call of story.history.calls) {
      for (const read of call.reads) {
        const { key, state, metadata } = read;
        const found = `${callOf(call)} read ${short(state)} of ${key}`;
        if (typeof metadata === "string" && metadata !== state) yield `${found} with the metadata ${metadata}`;
        const allowed = cache ? allowedCopies(story, call, key) : allowedStates(story, call, key);
        if (!allowed.has(state)) yield `${found}, and it may be ${[...allowed].map(short).join(" or ")}`;
      }
    }
  },

  "g. A clear leaves nothing older but what its error names; a bulk error names what failed.": function* (story) {
    for (const call of story.history.calls) {
      const { settled, called } = call;
      if (settled === undefined) continue;
      const bulkError = call.error?.value instanceof KVBulkError ? call.error.value : undefined;
      if (call.kind === "clear" && (call.error === undefined || bulkError !== undefined)) {
        for (const key of story.keys) {
          if (bulkError?.keys.includes(key)) continue;
          const last = story.lastEffect(key, settled.place);
          if (last === undefined || last.state === null) continue;
          const clear = story.writesOf(key).find((write) => write.call === call)!;
          if (last.writes.every((write) => story.isOlder(write, clear)))
            yield `${callOf(call)} ended, and ${key} was ${last.state}`;
        }
      }
      if (bulkError === undefined || call.kind === "clear") continue;
      const { keys } = bulkError;
      const given = call.writes.map(({ key }) => key);
      const isOrdered =
        new Set(given).size < given.length ||
        keys.every((key, i) => i === 0 || given.indexOf(key) > given.indexOf(keys[i - 1]!));
      if (!isOrdered || new Set(keys).size < keys.length || keys.some((key) => !given.includes(key)))
        yield `${callOf(call)} rejected with the keys ${keys.join()}, of ${given.join()}`;
      for (const key of keys) {
        // Deletes all look alike.
        const write = call.writes.findLast((one) => one.key === key && one.state !== null);
        const confirmed = write && story.attemptsOf(write).find((attempt) => attempt.confirmed.includes(key));
        if (confirmed?.over && confirmed.over.at < called.at + call.deadline)
          yield `${callOf(call)} named ${key}, which request ${confirmed.id} had confirmed`;
      }
    }
  },

  "h. An error is of kvplug, or the caller's own; it names its key, and no value.": function* (story, { cache }) {
    for (const call of story.history.calls) {
      if (call.error === undefined) continue;
      const { value: error } = call.error;
      if (call.left?.reason === error || (error !== undefined && call.ownErrors.includes(error))) continue;
      const isOpen = !story.history.calls.some(
        ({ kind, called }) => kind === "close" && called.place < call.called.place,
      );
      const what = `${callOf(call)} rejected with ${inspect(error, { depth: 0 }).split("\n")[0]}`;
      if (!isKVError(error)) {
        yield `${what}, which is neither of kvplug nor its own`;
        continue;
      }
      if (error.code === "KV_CLOSED" && isOpen) yield `${what}, and it was called before close()`;
      if (call.key !== undefined && error.key !== call.key && error.code !== "KV_CLOSED")
        yield `${what}, and its key is ${String(error.key)}`;
      if (/#\d/.test(inspect(error, { depth: 9 }))) yield `${what}, and it tells a value`;
      const late = call.settled!.at > endOf(call, cache !== undefined, story.history.calls);
      if (late && !["KV_TIMEOUT", "KV_RATE_LIMIT", "KV_BULK"].includes(error.code))
        yield `${what} at its deadline, which is neither KV_TIMEOUT nor KV_RATE_LIMIT`;
    }
  },

  "i. Calls take a bounded number of requests.": function* ({ history }, { api = {} }) {
    const unkind = (api.fates ?? []).filter(({ how = "well" }) => how !== "well").length;
    let limit = 0;
    for (const { writes, asks, kind } of history.calls)
      limit += kind === "clear" || kind === "wrap" ? 8 : 2 * (writes.length + asks.length) + 4;
    const again = history.attempts.filter(({ over, status }) => over?.how !== "answered" || status === 429).length;
    limit = api.malformedCredentials ? 2 * history.calls.length + again : limit + 6 * unkind;
    const { length } = history.attempts;
    if (length > limit) yield `${length} requests were sent, and ${limit} should do`;
  },

  "j. A write waits for other writes of its key alone, and never for nothing.": function* (story, setup) {
    const { calls, attempts } = story.history;
    const strangersMatter = !isFreeOfStrangers(setup) || attempts.some(({ over }) => over?.how !== "answered");
    for (const { writes, kind, called, settled } of calls) {
      const [write] = writes;
      if (settled === undefined || (kind !== "put" && kind !== "delete")) continue;
      const own = attempts.filter(({ keys }) => keys.includes(write!.key));
      const strict = !strangersMatter && own.every(({ status }) => status !== 429);
      let idleSince = called.at;
      for (const { sent, over } of [...(strict ? own : attempts), { sent: settled, over: settled }]) {
        if (sent.at > settled.at) continue;
        if (sent.at > idleSince + (strict ? LATE : LONGEST_PAUSE))
          yield `${nameOf(write!)} waited from ${idleSince} to ${sent.at} ms, with ${strict ? "no write of its key" : "nothing"} on the wire`;
        idleSince = Math.max(idleSince, over?.at ?? settled.at);
      }
    }
  },

  "k. When all is settled and closed, nothing holds the process.": function* ({ history: { calls, holding } }) {
    if (holding > 0 && calls.every(({ reading, settled }) => settled && reading !== "never"))
      yield `${holding} timers did`;
  },
};

/** The laws that a history breaks, in words. */
export function breaches(history: History, setup: Setup): string[] {
  const story = new Story(history);
  return Object.entries(LAWS).flatMap(([law, check]) =>
    [...check(story, setup)].map((breach) => `${law} But ${breach}.`),
  );
}

/** Whether nothing but its own key can hold up a write, if all requests are answered. */
function isFreeOfStrangers({ client = {}, api = {} }: Setup): boolean {
  const { batch, rateLimit, writeInterval } = client;
  const isKind = (api.fates ?? []).every(
    ({ how = "well", left }) => ["well", "twice", "429 of the key"].includes(how) && left === undefined,
  );
  return isKind && batch === undefined && rateLimit === undefined && writeInterval === 0;
}

/** When a call must be settled. */
function endOf(call: Call, isCached: boolean, calls: readonly Call[]): Milliseconds {
  const { kind, called, progress, deadline, ownDeadline } = call;
  let begun = Math.max(called.at, progress?.at ?? 0);
  if (ownDeadline !== undefined) return begun + deadline;
  // What comes from a source waits for room behind the writes of others, which have deadlines of their own.
  if (progress !== undefined)
    for (const other of calls)
      if (other !== call && other.writes.length > 0) begun = Math.max(begun, other.settled?.at ?? 0);
  // Without a deadline of its own each of its requests has the client's.
  // A clear deletes what was being deleted, what it lists, and what was given up, whichever of it fails; and what was put
  // later, and then failed, once more.
  const requests = kind === "clear" ? 8 : kind === "wrap" ? 4 : isCached ? 2 : 1;
  // A cache's write waits for values of `wrap` that are being stored, one after the other, for as long as the cache does.
  const held = isCached && kind !== "read" ? CACHE_DEADLINE : 0;
  return begun + Math.max(deadline * requests, deadline + held);
}

const callOf = ({ kind, id, key }: Call): string => `call ${id}, ${kind}${key === undefined ? "" : ` of ${key}`},`;

const short = (state: string | null): string => (state === null ? "null" : state.slice(0, 12));

const nameOf = ({ call, key, state }: Write): string =>
  `the ${state === null ? "delete" : "put"} of ${key} by call ${call.id}`;
