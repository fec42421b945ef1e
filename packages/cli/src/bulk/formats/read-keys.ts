import { checkKey } from "@kvplug/core/seam";
import { CommandError, EXIT } from "../../command-error.ts";
import { messageOf } from "../../failure.ts";
import { readElements } from "./json-members.ts";
import type { Input } from "../files/input.ts";
import { LINE_FEED, splitLines } from "./lines.ts";
import { openText } from "./text.ts";

const NUL = "\0";

/**
 * Reads key names in small groups: one a line, as `kvplug ls -0` prints them, or as a JSON array of strings or of what
 * `wrangler kv key list` prints.
 *
 * @throws {CommandError} if one of them is not a valid key.
 */
export async function* readKeys(input: Input, signal?: AbortSignal): AsyncGenerator<string[]> {
  const { chunks, start, isArray } = await openText(input, signal);
  let number = 0;
  const check = (key: unknown): string => {
    number++;
    try {
      if (key === undefined) throw new Error("it is not UTF-8");
      checkKey(key);
      return key;
    } catch (error) {
      throw new CommandError(EXIT.failed, `${input.name}, key ${number}: ${messageOf(error)}`);
    }
  };
  if (isArray) {
    for await (const elements of readElements(chunks, input.name)) yield elements.map(nameOf).map(check);
    return;
  }
  for await (const lines of splitLines(chunks, input.name, start.includes(NUL) ? NUL : LINE_FEED)) {
    yield lines
      .map((line) => line?.replace(/\r$/, ""))
      .filter((line) => line !== "")
      .map(check);
  }
}

function nameOf(element: unknown): unknown {
  return typeof element === "object" && element !== null && "name" in element ? element.name : element;
}
