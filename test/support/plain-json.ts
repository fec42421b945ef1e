const SPACE = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON has none in its strings
const STRING = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const OTHER = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?/y;

/**
 * Parses JSON in the plainest way, with each object as a `Map`: a reference for parsers. `JSON.parse` is none, since it
 * confuses escaped names of objects from V8 13 on (nodejs/node#63785).
 *
 * @throws {SyntaxError} where the text is no JSON.
 */
export function parsePlainly(text: string): unknown {
  let at = 0;
  const next = (token: RegExp): string | undefined => {
    token.lastIndex = at;
    const [found] = token.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const expect = (is: boolean): void => {
    if (!is) throw new SyntaxError(`Not JSON at ${at}`);
  };
  const skip = (mark: string): boolean => {
    next(SPACE);
    if (text[at] !== mark) return false;
    at++;
    next(SPACE);
    return true;
  };
  const string = (): string => {
    const token = next(STRING);
    expect(token !== undefined);
    return JSON.parse(token!);
  };
  const each = (end: string, parse: () => void): void => {
    if (skip(end)) return;
    do parse();
    while (skip(","));
    expect(skip(end));
  };
  const value = (): unknown => {
    if (text[at] === '"') return string();
    if (skip("[")) {
      const items: unknown[] = [];
      each("]", () => items.push(value()));
      return items;
    }
    if (skip("{")) {
      const members = new Map<string, unknown>();
      each("}", () => {
        const name = string();
        expect(skip(":"));
        members.set(name, value());
      });
      return members;
    }
    const token = next(OTHER);
    expect(token !== undefined);
    return JSON.parse(token!);
  };
  next(SPACE);
  const parsed = value();
  next(SPACE);
  expect(at === text.length);
  return parsed;
}

/** The same, with each `Map` as an object. */
export function toObjects(parsed: unknown): unknown {
  if (Array.isArray(parsed)) return parsed.map(toObjects);
  if (!(parsed instanceof Map)) return parsed;
  const object: Record<string, unknown> = {};
  for (const [name, value] of parsed) {
    Object.defineProperty(object, name, {
      value: toObjects(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}
