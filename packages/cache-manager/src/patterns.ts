/** Tells whether a key matches a pattern in which `*` stands for any text, `?` for one character, and all else for itself. */
export function matcherOf(pattern: string): (key: string) => boolean {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`, "su");
  return (key) => expression.test(key);
}
