/** How many letters of three may be mistyped in a name. */
const MISTYPED_OF_THREE = 1;

/** Returns the name that was probably meant, or `undefined` if none is close. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor((name.length * MISTYPED_OF_THREE) / 3));
  let [best, least]: [string | undefined, number] = [undefined, most + 1];
  for (const one of known) {
    const far = distance(name.toLowerCase(), one.toLowerCase());
    if (far < least) [best, least] = [one, far];
  }
  return best;
}

/** How many letters have to be put in, left out or replaced, as Levenshtein counts them. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = above[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row.at(-1)!;
}
