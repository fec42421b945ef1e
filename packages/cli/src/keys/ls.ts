import type { KVListKey, KVListResult } from "@kvplug/core";
import { withTarget } from "../connect/connections.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { print, writeOut } from "../print.ts";
import { meets, type WhereFlags } from "../where.ts";
import { escapeControls, printable } from "../printable.ts";

export interface LsFlags extends NamespaceFlags, WhereFlags {
  long?: true;
  json?: true;
  null?: true;
  limit?: number;
}

/** The most that one page holds. */
const PAGE = 1000;

/** Prints names, a page at a time; requests the next one when this one has been read. */
export async function ls(context: Context, prefix: string | undefined, flags: LsFlags): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY } = flags;
  // What is split at NUL is for a program, and exact, unless a terminal shows it.
  const isExact = flags.null && !context.stdout.isTTY;
  const line = isExact ? ({ name }: KVListKey): string => `${name}\0` : lineOf(flags);
  const write = isExact ? writeOut : print;
  await withTarget(context, flags, async ({ kv }) => {
    let cursor: string | null = null;
    let shown = 0;
    do {
      const page: KVListResult = await kv.list({
        prefix: prefix ?? null,
        cursor,
        limit: flags.where ? PAGE : Math.min(PAGE, limit - shown),
      });
      const keys = page.keys.filter(({ metadata }) => meets(metadata, flags.where)).slice(0, limit - shown);
      shown += keys.length;
      if (keys.length > 0) await write(context, keys.map(line).join(""));
      cursor = page.list_complete ? null : page.cursor;
    } while (cursor !== null && shown < limit);
  });
}

function lineOf({ long, json, null: nul }: LsFlags): (key: KVListKey) => string {
  if (json) return (key) => `${JSON.stringify(key)}\n`;
  if (nul) return ({ name }) => `${escapeControls(name)}\0`;
  if (!long) return ({ name }) => `${printable(name)}\n`;
  return ({ name, expiration, metadata }) => {
    const until = expiration === undefined ? "-" : new Date(expiration * 1000).toISOString().replace(".000", "");
    return `${[until.padEnd(20), printable(name), metadata === undefined ? "" : JSON.stringify(metadata)].join("  ").trimEnd()}\n`;
  };
}
