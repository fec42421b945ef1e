import { InvalidArgumentError, type Command } from "commander";

/** A condition on the metadata of a key. */
export interface Condition {
  /** The fields that lead to it. */
  readonly path: readonly string[];
  /** What it must be, or must not be, as text. */
  readonly value: string;
  readonly isNot: boolean;
  /** As it was given. */
  readonly text: string;
}

/** Of commands that choose keys by their metadata. */
export interface WhereFlags {
  where?: Condition[];
}

/** Adds `--where`. */
export function withWhere(command: Command): Command {
  return command.option(
    "--where <condition>",
    "only keys with this metadata: metadata.pr=123, or !=; repeatable, and all must match",
    parseWhere,
  );
}

/** `metadata.pr=123`, `metadata.a.b!=text`; the first `=` counts. Flags that repeat make a list. */
export function parseWhere(text: string, before: Condition[] = []): Condition[] {
  const [, path = "", not, value = ""] = /^metadata((?:\.[^.=!]+)*)(!?)=(.*)$/s.exec(text) ?? [undefined, undefined];
  if (not === undefined) throw new InvalidArgumentError("It must be a field and its value, such as metadata.pr=123.");
  return [...before, { path: path.split(".").slice(1), value, isNot: not === "!", text }];
}

/** Whether metadata meets all conditions. A missing field equals no value. */
export function meets(metadata: unknown, conditions: readonly Condition[] = []): boolean {
  return conditions.every(({ path, value, isNot }) => (textAt(metadata, path) === value) !== isNot);
}

/** The conditions as text, for a sentence and for a checkpoint; empty if there are none. */
export function whereText(conditions: readonly Condition[] = []): string {
  return conditions.map(({ text }) => text).join(" and ");
}

/** A text, number, truth value or null as text; `undefined` for all else. */
function textAt(metadata: unknown, path: readonly string[]): string | undefined {
  let at = metadata;
  for (const field of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, field)) return undefined;
    at = (at as Record<string, unknown>)[field];
  }
  return typeof at === "string"
    ? at
    : at === undefined || (typeof at === "object" && at !== null)
      ? undefined
      : JSON.stringify(at);
}
