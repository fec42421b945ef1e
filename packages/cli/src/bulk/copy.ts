import type { KVPair } from "@kvplug/core";
import { checkKey } from "@kvplug/core/seam";
import { usageError } from "../command-error.ts";
import { Connections, type Target } from "../connect/connections.ts";
import type { PlaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { longWork, type LongWork } from "../progress/long-work.ts";
import type { ProgressFlags } from "../progress/options.ts";
import { shellQuote } from "../shell.ts";
import { alive } from "./formats/alive.ts";
import { ConfirmedPages } from "./pages/confirmed-pages.ts";
import { LeftOut } from "./pages/left-out.ts";
import { MOST_BYTES, MOST_ITEMS, pageId, type Page } from "./pages/page.ts";
import { BEGINNING, readEntries, type Position } from "./entries/read-entries.ts";
import { begin, openCheckpoint, type ResumeFlags } from "./pages/resume.ts";
import { howToGoOn, resumeCommand } from "./pages/resume-command.ts";
import { writePages } from "./pages/write-pages.ts";

export interface CopyFlags extends PlaceFlags, ProgressFlags, ResumeFlags {
  prefix?: string;
  mapPrefix?: { from: string; to: string };
}

/** Copies keys with values, metadata and expirations from one namespace into another. */
export function copy(context: Context, from: string, to: string, flags: CopyFlags): Promise<void> {
  return Connections.use(context, flags, (connections) => copyBetween(context, connections, from, to, flags));
}

async function copyBetween(
  context: Context,
  connections: Connections,
  from: string,
  to: string,
  flags: CopyFlags,
): Promise<void> {
  const [source, target] = [await connections.target(from), await connections.target(to)];
  checkEnds(source, target, flags);
  const { prefix = "", mapPrefix } = flags;
  const checkpoint = await openCheckpoint<Position>(context, {
    work: "copy",
    from: `${source.account} ${source.id}`,
    to: `${target.account} ${target.id}`,
    prefix,
    mapPrefix: mapPrefix ? JSON.stringify(mapPrefix) : "",
  });
  const state = await begin(context, BEGINNING, checkpoint, flags);
  const confirmedPages = new ConfirmedPages(state, checkpoint);
  const leftOut = new LeftOut(false, 0);
  const hint = (): string => howToGoOn(confirmedPages, resumeCommand(context.args));
  const options = { verb: "copy", flags, targets: [source, target], hint, done: `to ${to}`, already: state };
  await longWork(context, options, async (work) => {
    await writePages<KVPair, Position>({
      pages: pages(source, flags, state.mark, work, leftOut),
      confirmedPages,
      work,
      concurrency: target.concurrency,
      write: (pairs) => target.kv.putMany(pairs as KVPair[], { signal: work.cut }),
    });
    leftOut.tell(work.progress);
  });
}

/** A copy that would read what it writes has no end. */
function checkEnds(source: Target, target: Target, { prefix = "", mapPrefix }: CopyFlags): void {
  if (source.id !== target.id || source.account !== target.account) return;
  if (mapPrefix === undefined) throw usageError("Both are the same namespace. Name another one, or add --map-prefix.");
  const { from, to } = mapPrefix;
  if (!prefix.startsWith(from) || to.startsWith(prefix))
    throw usageError(
      `Within one namespace, set --prefix to the prefix that --map-prefix maps, such as --prefix ${shellQuote(from)} --map-prefix ${shellQuote(`${from}=NEW`)}, and map it to a prefix outside it.`,
    );
}

async function* pages(
  source: Target,
  { prefix = "", mapPrefix }: CopyFlags,
  from: Position,
  { stop }: LongWork,
  leftOut: LeftOut,
): AsyncGenerator<Page<KVPair, Position>> {
  let [items, records, bytes]: [KVPair[], number, number] = [[], 0, 0];
  let [start, next]: [Position, Position] = [from, from];
  const page = (): Page<KVPair, Position> => ({ id: pageId(start, next), items, bytes, next });
  for await (const { entries, cursor } of readEntries(source, prefix, from, stop)) {
    for (const { name, ...entry } of entries) {
      const pair = alive({ key: mapped(name, mapPrefix), ...entry });
      if (pair) items.push(pair);
      else leftOut.expired++;
      records++;
      bytes += Buffer.byteLength(entry.value);
      next = { cursor, after: name };
      // Where pages end depends on the records alone, and not on how many were read at once.
      if (records < MOST_ITEMS && bytes < MOST_BYTES) continue;
      yield page();
      [start, items, records, bytes] = [next, [], 0, 0];
    }
  }
  if (records > 0) yield page();
}

function mapped(name: string, map: CopyFlags["mapPrefix"]): string {
  if (map === undefined || !name.startsWith(map.from)) return name;
  const key = map.to + name.slice(map.from.length);
  checkKey(key);
  return key;
}
