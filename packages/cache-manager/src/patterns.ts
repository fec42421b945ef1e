/**
 * Returns the prefix of all keys that match a pattern, and whether it is the whole pattern, so that only one key
 * matches.
 */
export function literalOf(pattern: string): { prefix: string; isWhole: boolean } {
  const [prefix] = /^[^*?]*/.exec(pattern)!;
  return { prefix, isWhole: prefix.length === pattern.length };
}

/**
 * Returns a function that tests whether a key matches a pattern, in which `*` stands for any text and `?` for one
 * character. It takes at most key × pattern steps; a regular expression with many `*` could take forever.
 */
export function matcherOf(pattern: string): (key: string) => boolean {
  const wanted = Array.from(pattern);
  return (key) => {
    const given = Array.from(key);
    let at = 0;
    // Where the last `*` stands, and up to where it reaches.
    let star = -1;
    let reach = 0;
    for (let i = 0; i < given.length;) {
      if (wanted[at] === "*") {
        star = at++;
        reach = i;
      } else if (wanted[at] === "?" || wanted[at] === given[i]) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++reach;
      } else {
        return false;
      }
    }
    return wanted.slice(at).every((character) => character === "*");
  };
}
