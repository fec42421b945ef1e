/** What all keys begin with that match a pattern, and whether it is all of the pattern, so that one key alone matches. */
export function literalOf(pattern: string): { prefix: string; isWhole: boolean } {
  const [prefix] = /^[^*?]*/.exec(pattern)!;
  return { prefix, isWhole: prefix.length === pattern.length };
}

/**
 * Tells whether a key matches a pattern in which `*` stands for any text, `?` for one character, and all else for
 * itself. It takes at most as many steps as key times pattern, where a regular expression of many `*` takes for ever.
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
