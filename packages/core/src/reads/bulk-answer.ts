/** The answer to a bulk read, with its values by key. */
interface BulkAnswer {
  result?: { values?: unknown } | null;
}

/** Where the values begin, behind their brace. */
const VALUES = /"values"\s*:\s*\{/;

/** What stands in their place while the rest is parsed. */
const ELSEWHERE = "values";

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);

/**
 * `JSON.parse` of a bulk read's answer, with `result.values` as a `Map`.
 *
 * V8 makes an object of a hundred names that never came together before through a hundred hidden classes. Those take
 * five times as long as all else of the parsing, and 600 bytes a key that only the slow collector finds. So the
 * members are cut out, and parsed as an array of names and values. Whatever looks otherwise is parsed as it is.
 *
 * @throws {SyntaxError} where `JSON.parse` does.
 */
export function parseBulkAnswer(text: string): BulkAnswer | null {
  return parseApart(text) ?? parseAsItIs(text);
}

function parseApart(text: string): BulkAnswer | undefined {
  const start = VALUES.exec(text);
  if (start === null) return undefined;
  const from = start.index + start[0].length;
  const members = membersOf(text, from);
  if (members === undefined) return undefined;
  const answer: BulkAnswer | null = JSON.parse(`${text.slice(0, from - 1)}"${ELSEWHERE}"${text.slice(members.end)}`);
  // Other values, perhaps in a message.
  if (answer?.result?.values !== ELSEWHERE) return undefined;
  const both: unknown[] = JSON.parse(`[${members.both.join()}]`);
  const values = new Map<unknown, unknown>();
  for (let i = 0; i < both.length; i += 2) values.set(both[i], both[i + 1]);
  answer.result.values = values;
  return answer;
}

function parseAsItIs(text: string): BulkAnswer | null {
  const answer: BulkAnswer | null = JSON.parse(text);
  const values = answer?.result?.values;
  if (typeof values === "object" && values !== null) answer!.result!.values = new Map(Object.entries(values));
  return answer;
}

/** Names and values in turns, as they are written, and where their object ends; `undefined` where that is not clear. */
function membersOf(text: string, from: number): { both: string[]; end: number } | undefined {
  const both: string[] = [];
  for (let at = from; ; at++) {
    at = skipSpace(text, at);
    const nameEnd = text.charCodeAt(at) === QUOTE ? endOfString(text, at) : 0;
    const colon = skipSpace(text, nameEnd);
    const value = skipSpace(text, colon + 1);
    const valueEnd = text[colon] === ":" && nameEnd > 0 ? endOfValue(text, value) : 0;
    if (valueEnd === 0) return undefined;
    both.push(text.slice(at, nameEnd), text.slice(value, valueEnd));
    at = skipSpace(text, valueEnd);
    if (text[at] === "}") return { both, end: at + 1 };
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
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first === "{") return endOfObject(text, from);
  return text.startsWith("null", from) ? from + "null".length : 0;
}

/** Where a string ends that begins at `from`; 0 where it does not. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escape = end;
    while (text.charCodeAt(escape - 1) === BACKSLASH) escape--;
    if ((end - escape) % 2 === 0) return end + 1;
  }
  return 0;
}

/** Where an object ends that begins at `from`, if it is one of JSON; 0 where it does not. */
function endOfObject(text: string, from: number): number {
  const marks = /["{}[\]]/g;
  marks.lastIndex = from;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const [which] = mark;
    if (which === '"') {
      marks.lastIndex = endOfString(text, mark.index);
      if (marks.lastIndex === 0) return 0;
    } else if (which === "{" || which === "[") {
      depth++;
    } else if (--depth === 0) {
      return marks.lastIndex;
    }
  }
  return 0;
}
