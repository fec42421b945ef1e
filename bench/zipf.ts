/**
 * Indices by Zipf's law with an exponent of 1: the k-th is drawn in proportion to 1/k, as pages are
 * visited. They are the same each time, for all who are compared.
 */
export function zipf(draws: number, indices: number): number[] {
  let sum = 0;
  const upTo = Float64Array.from({ length: indices }, (_, i) => (sum += 1 / (i + 1)));
  const random = seeded(1);
  return Array.from({ length: draws }, () => firstAbove(upTo, random() * sum));
}

function firstAbove(ascending: Float64Array, bound: number): number {
  let from = 0;
  let to = ascending.length - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ascending[middle]! > bound) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Mulberry32: numbers from 0 up to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
