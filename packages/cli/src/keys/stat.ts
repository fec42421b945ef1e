import { isUtf8 } from "node:buffer";
import type { KV, UnixSeconds } from "@kvplug/core";
import { withTarget } from "../connect/connections.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { printLine } from "../print.ts";
import { printable } from "../printable.ts";
import { bytesText } from "../progress/texts.ts";
import { missing } from "./missing.ts";

interface Stat {
  key: string;
  bytes: number;
  type: "text" | "json" | "bytes";
  metadata?: unknown;
  expiration?: UnixSeconds;
}

/** Prints what there is to know of keys. */
export async function stat(
  context: Context,
  keys: readonly string[],
  flags: NamespaceFlags & { json?: true },
): Promise<void> {
  await withTarget(context, flags, ({ kv }) =>
    each(context, keys, async (key) => {
      const { value, metadata, expiration } = await kv.getWithMetadata(key, "arrayBuffer");
      if (value === null) return undefined;
      const bytes = Buffer.from(value);
      const about: Stat = {
        key,
        bytes: bytes.length,
        type: typeOf(bytes),
        ...(metadata !== null && { metadata }),
        ...(expiration !== undefined && { expiration }),
      };
      return flags.json ? JSON.stringify(about) : describe(about);
    }),
  );
}

/** Prints the metadata of keys as JSON, a line each. */
export async function meta(context: Context, keys: readonly string[], flags: NamespaceFlags): Promise<void> {
  await withTarget(context, flags, ({ kv }) =>
    each(context, keys, async (key) => {
      const metadata = await kv.getMetadata(key);
      // `null` is what a key without metadata has, and also one that does not exist.
      return metadata === null && !(await exists(kv, key)) ? undefined : JSON.stringify(metadata);
    }),
  );
}

async function each(
  context: Context,
  keys: readonly string[],
  lineOf: (key: string) => Promise<string | undefined>,
): Promise<void> {
  const absent: string[] = [];
  for (const key of keys) {
    const line = await lineOf(key);
    if (line === undefined) absent.push(key);
    else await printLine(context, line);
  }
  if (absent.length > 0) throw missing(absent);
}

/** A key comes before all others that begin with it. */
async function exists(kv: KV, key: string): Promise<boolean> {
  return (await kv.list({ prefix: key, limit: 1 })).keys[0]?.name === key;
}

function typeOf(bytes: Buffer): Stat["type"] {
  if (!isUtf8(bytes)) return "bytes";
  try {
    JSON.parse(bytes.toString());
    return "json";
  } catch {
    return "text";
  }
}

function describe({ key, bytes, type, metadata, expiration }: Stat): string {
  const lines = [printable(key), `  size        ${bytesText(bytes)}`, `  type        ${type}`];
  if (metadata !== undefined) lines.push(`  metadata    ${JSON.stringify(metadata)}`);
  if (expiration !== undefined) lines.push(`  expires     ${new Date(expiration * 1000).toISOString()}`);
  return lines.join("\n");
}
