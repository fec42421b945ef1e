import { diffLines } from "diff";
import type { Stored } from "../api/values.ts";
import { bytesText, momentText } from "../text/figures.ts";
import { textOf } from "./kinds.ts";

/** A run of lines that stay, go or come. */
export interface ChangedLines {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** What a write would change. */
export interface Changes {
  readonly value: readonly ChangedLines[];
  readonly metadata: readonly ChangedLines[];
  readonly expiration: readonly ChangedLines[];
}

/** Longer texts are not compared line by line, but shown as a whole. */
const MOST_COMPARED = 200_000;

/** How long a comparison may take. */
const PATIENCE_MS = 1000;

/** The unchanged lines to show before and after a change. */
const CONTEXT_LINES = 3;

/** The differences between the stored value and the one to write. */
export function changesOf(before: Stored | undefined, after: Stored): Changes {
  return {
    value: valueChanges(before?.bytes, after.bytes),
    metadata: replaced(metadataText(before?.metadata), metadataText(after.metadata)),
    expiration: replaced(before && expirationText(before.expiration), expirationText(after.expiration)),
  };
}

/** Whether nothing would change. */
export function isNothing({ value, metadata, expiration }: Changes): boolean {
  return value.length + metadata.length + expiration.length === 0;
}

function expirationText(expiration: number | undefined): string {
  return expiration === undefined ? "never" : momentText(expiration);
}

function metadataText(metadata: unknown): string | undefined {
  return metadata === null || metadata === undefined ? undefined : JSON.stringify(metadata);
}

function valueChanges(before: Uint8Array | undefined, after: Uint8Array): ChangedLines[] {
  if (before?.length === after.length && before.every((byte, i) => byte === after[i])) return [];
  const [old, text] = [before === undefined ? "" : textOf(before), textOf(after)];
  if (old === undefined || text === undefined || old.length + text.length > MOST_COMPARED) {
    return replaced(before && sizeText(before), sizeText(after), true);
  }
  const lines = diffLines(old, text, { timeout: PATIENCE_MS });
  if (lines === undefined) return replaced(before && sizeText(before), sizeText(after), true);
  return lines.map(({ value, added, removed }, i) => ({
    sign: added ? "+" : removed ? "-" : " ",
    text: added || removed ? value : around(value, i === 0, i === lines.length - 1),
  }));
}

/** Of the unchanged lines, those next to a change. */
function around(text: string, isFirst: boolean, isLast: boolean): string {
  const lines = text.split("\n");
  const head = isFirst ? [] : lines.slice(0, CONTEXT_LINES);
  const tail = isLast ? [] : lines.slice(-CONTEXT_LINES - 1);
  if (head.length + tail.length >= lines.length) return text;
  return [...head, "…", ...tail].join("\n");
}

function replaced(before: string | undefined, after: string | undefined, always = false): ChangedLines[] {
  if (before === after && !always) return [];
  return [
    ...(before === undefined ? [] : [{ sign: "-" as const, text: before }]),
    ...(after === undefined ? [] : [{ sign: "+" as const, text: after }]),
  ];
}

function sizeText(bytes: Uint8Array): string {
  return `${textOf(bytes.subarray(0, 1000)) === undefined ? "bytes" : "text"}, ${bytesText(bytes.length)}`;
}
