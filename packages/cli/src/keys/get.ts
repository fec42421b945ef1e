import { isUtf8 } from "node:buffer";
import type { KVEntry } from "@kvplug/core";
import { quoteKey } from "@kvplug/core/seam";
import { formatRecord } from "../bulk/formats/records.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { withTarget } from "../connect/connections.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { print, printLine, tell, writeOut } from "../print.ts";
import { escapeLines } from "../printable.ts";
import { missing } from "./missing.ts";

export interface GetFlags extends NamespaceFlags {
  type?: "text" | "json" | "bytes";
  raw?: true;
  json?: true;
}

/** Prints values, one after the other. */
export async function get(context: Context, keys: readonly string[], flags: GetFlags): Promise<void> {
  if (flags.json && (flags.raw || flags.type)) throw usageError("--json prints records: leave out --raw and --type.");
  await withTarget(context, flags, async ({ kv }) => {
    const absent: string[] = [];
    for (const key of keys) {
      // Only records tell more than the value, which otherwise takes a request less.
      const entry: KVEntry<ArrayBuffer> = flags.json
        ? await kv.getWithMetadata(key, "arrayBuffer")
        : { value: await kv.get(key, "arrayBuffer"), metadata: null, cacheStatus: null };
      if (entry.value === null) absent.push(key);
      else if (flags.json) await printLine(context, record(key, entry));
      else await show(context, key, Buffer.from(entry.value), flags);
    }
    if (absent.length > 0) throw missing(absent);
  });
}

function record(key: string, { value, metadata, expiration }: KVEntry<ArrayBuffer>): string {
  return formatRecord({
    name: key,
    value: Buffer.from(value!),
    ...(metadata !== null && { metadata }),
    ...(expiration !== undefined && { expiration }),
  });
}

async function show(context: Context, key: string, value: Buffer, { type, raw }: GetFlags): Promise<void> {
  const isText = isUtf8(value);
  if (!isText && (type === "text" || type === "json")) {
    throw new CommandError(EXIT.failed, `The value of ${quoteKey(key)} is not text: it has ${value.length} bytes.`);
  }
  if (type === "json") return printLine(context, JSON.stringify(parse(key, value), null, raw ? 0 : 2));
  if (raw || !context.stdout.isTTY) return writeOut(context, value);
  if (!isText) {
    throw new CommandError(
      EXIT.failed,
      `The value of ${quoteKey(key)} is ${value.length} bytes that are not text. Redirect it to a file, or add --raw.`,
    );
  }
  const text = value.toString();
  // On a terminal, the prompt goes on a line of its own.
  await print(context, text.endsWith("\n") ? text : `${text}\n`);
  if (escapeLines(text) !== text)
    tell(
      context,
      `kvplug: The value of ${quoteKey(key)} contains control characters, shown as escapes. --raw prints them.`,
    );
}

function parse(key: string, value: Buffer): unknown {
  try {
    return JSON.parse(value.toString());
  } catch {
    throw new CommandError(EXIT.failed, `The value of ${quoteKey(key)} is not JSON.`);
  }
}
