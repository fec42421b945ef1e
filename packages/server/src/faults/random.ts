/** Yields numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/**
 * Returns a sequence that a seed repeats: mulberry32. Each purpose has its own sequence, so that turning on one kind of
 * fault does not change another.
 */
export function seededRandom(seed: number, purpose: string): Random {
  let state = seed | 0;
  for (const character of purpose) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
