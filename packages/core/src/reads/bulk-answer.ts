/** The envelope of a bulk read's answer, as far as it matters here. */
interface BulkAnswer {
  result?: { values?: unknown } | null;
}

/** Where the values begin, up to and with their brace. */
const VALUES = /"result"\s*:\s*\{\s*"values"\s*:\s*\{/;

/** What stands in place of the values while the rest is parsed. */
const PLACEHOLDER = "kvplug:values";

/** With more characters a key than this, parsing the answer as a whole is faster: names are a small part of it. */
const LONG = 300;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * `JSON.parse` of a bulk read's answer, with `result.values` as a `Map`.
 *
 * V8 makes an object of names that never came together before through a hidden class for each. For short values those
 * take five times as long as all else of the parsing, and 600 bytes a name that only the slow collector finds. And from
 * V8 13 on it may confuse escaped names (nodejs/node#63785). So the names and values are parsed one by one, unless the
 * answer is long, or looks otherwise than the API's do.
 *
 * @param keys What was asked for.
 * @throws {SyntaxError} where `JSON.parse` does.
 */
export function parseBulkAnswer(text: string, keys: readonly string[]): BulkAnswer | null {
  if (text.length <= LONG * keys.length) return parseApart(text) ?? parseWhole(text);
  const answer = parseWhole(text);
  const values = answer?.result?.values;
  // A name that was confused with another one is not there.
  const isComplete = values instanceof Map && keys.every((key) => values.has(key));
  return isComplete ? answer : (parseApart(text) ?? answer);
}

function parseApart(text: string): BulkAnswer | undefined {
  const start = VALUES.exec(text);
  if (start === null || text.includes(PLACEHOLDER)) return undefined;
  const brace = start.index + start[0].length - 1;
  const members = membersAt(text, brace);
  if (members === undefined) return undefined;
  const rest = `${text.slice(0, brace)}"${PLACEHOLDER}"${text.slice(members.end)}`;
  const answer: BulkAnswer | null = JSON.parse(rest);
  // They may be those of a message.
  if (answer?.result?.values !== PLACEHOLDER) return undefined;
  answer.result.values = members.all;
  return answer;
}

function parseWhole(text: string): BulkAnswer | null {
  const answer: BulkAnswer | null = JSON.parse(text);
  const values = answer?.result?.values;
  if (typeof values === "object" && values !== null) answer!.result!.values = new Map(Object.entries(values));
  return answer;
}

/**
 * The members of an object that begins at `brace`, and where it ends. `undefined` where that is not clear, and where a
 * value is not what KV has: text, an object with text and metadata, or `null`.
 */
function membersAt(text: string, brace: number): { all: Map<string, unknown>; end: number } | undefined {
  const all = new Map<string, unknown>();
  for (let at = skipSpace(text, brace + 1); ; at = skipSpace(text, at + 1)) {
    const nameEnd = endOfString(text, at);
    const colon = skipSpace(text, nameEnd);
    if (nameEnd === 0 || text[colon] !== ":") return undefined;
    const value = skipSpace(text, colon + 1);
    const valueEnd = endOfValue(text, value);
    if (valueEnd === 0) return undefined;
    all.set(JSON.parse(text.slice(at, nameEnd)), JSON.parse(text.slice(value, valueEnd)));
    at = skipSpace(text, valueEnd);
    if (text[at] === "}") return { all, end: at + 1 };
    if (text[at] !== ",") return undefined;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}

/** Where a string, an object or `null` ends; 0 for anything else. */
function endOfValue(text: string, from: number): number {
  if (text[from] === "{") return endOfObject(text, from);
  return text.startsWith("null", from) ? from + "null".length : endOfString(text, from);
}

/** Where a string ends; 0 where none begins at `from`, or it does not end. */
function endOfString(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return 0;
  // Most have no escapes.
  const end = text.indexOf('"', from + 1);
  if (end === -1 || text.charCodeAt(end - 1) !== BACKSLASH) return end + 1;
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return 0;
}

/** Where an object ends that begins at `from`; 0 where it does not. Whether its brackets match is not looked at here. */
function endOfObject(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (end === 0) return 0;
      at = end - 1;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++;
    else if ((code === CLOSE_OBJECT || code === CLOSE_ARRAY) && --depth === 0) return at + 1;
  }
  return 0;
}
