import type { KVTags, TagBeginning } from "@kvplug/cache/tags";
import type { Milliseconds } from "@kvplug/core/seam";

/** How far back it is known what was known. */
const REMEMBERED: Milliseconds = 600_000;

/** Most knowledge changes seldom; where it changes all the time, less far back is known. */
const MOST_MARKS = 10_000;

/** What this process knew of tags at a moment, at the least. */
interface Mark extends TagBeginning {
  /** On the clock of {@link clock}. */
  readonly moment: Milliseconds;
}

/**
 * When this process came to know what of tags: an entry that is done says when its making began, or nothing at all, and
 * what counts is what was known by then.
 */
export class Timeline {
  readonly #tags: KVTags;
  readonly #marks: Mark[] = [];

  constructor(tags: KVTags) {
    this.#tags = tags;
  }

  /** Notes what is known now. What is made of it begins later. */
  now(): TagBeginning {
    const since = this.#tags.begin();
    if (this.#marks.at(-1)?.order !== since.order) this.#marks.push({ ...since, moment: clock() });
    if (this.#marks.length > MOST_MARKS) this.#marks.splice(0, MOST_MARKS / 2);
    return since;
  }

  /** What was known at a moment of {@link clock}, or less. */
  at(moment: Milliseconds): TagBeginning {
    const order = this.#marks.findLast((mark) => mark.moment <= moment)?.order ?? 0;
    return { at: Math.floor(Date.now() - Math.max(0, clock() - moment)), order };
  }

  /** What was known a long time ago: for a making of which nothing is known but that it is done. */
  longAgo(): TagBeginning {
    return this.at(clock() - REMEMBERED);
  }
}

/** That of Next for entries: milliseconds since 1970, as they pass in this process, whoever sets the clock of the machine. */
function clock(): Milliseconds {
  return performance.timeOrigin + performance.now();
}
