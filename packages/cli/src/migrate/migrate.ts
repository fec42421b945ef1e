import type { KVPair } from "@kvplug/core";
import { alive } from "../bulk/formats/alive.ts";
import { checkPair } from "../bulk/formats/check-pair.ts";
import { ConfirmedPages } from "../bulk/pages/confirmed-pages.ts";
import { LeftOut } from "../bulk/pages/left-out.ts";
import { MOST_BYTES, MOST_ITEMS, pageId, type Page } from "../bulk/pages/page.ts";
import { begin, openCheckpoint, type ResumeFlags } from "../bulk/pages/resume.ts";
import { howToGoOn, resumeCommand } from "../bulk/pages/resume-command.ts";
import { writePages } from "../bulk/pages/write-pages.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { Connections } from "../connect/connections.ts";
import type { PlaceFlags } from "../connect/flags.ts";
import { variable, type Context } from "../context.ts";
import { messageOf } from "../failure.ts";
import { longWork, type LongWork } from "../progress/long-work.ts";
import type { ProgressFlags } from "../progress/options.ts";
import type { Found, Source } from "./source.ts";

export interface MigrateFlags extends PlaceFlags, ProgressFlags, ResumeFlags {
  from: string;
  to: string;
  prefix?: string;
  mapPrefix?: { from: string; to: string };
  keepGoing?: true;
}

/** Where reading of the source goes on. */
type Mark = string;

/** Copies another store into a namespace, with what its keys have left to live. */
export async function migrate(context: Context, flags: MigrateFlags): Promise<void> {
  await using source = await openSource(context, flags.from, flags.prefix ?? "");
  await Connections.use(context, flags, (connections) => migrateInto(context, connections, source, flags));
}

async function migrateInto(
  context: Context,
  connections: Connections,
  source: Source,
  flags: MigrateFlags,
): Promise<void> {
  const { prefix = "", mapPrefix } = flags;
  const target = await connections.target(flags.to);
  const checkpoint = await openCheckpoint<Mark>(context, {
    work: "migrate",
    from: source.name,
    to: `${target.account} ${target.id}`,
    prefix,
    mapPrefix: mapPrefix ? JSON.stringify(mapPrefix) : "",
  });
  const state = await begin(context, "", checkpoint, flags);
  const confirmedPages = new ConfirmedPages(state, checkpoint);
  const leftOut = new LeftOut(flags.keepGoing ?? false, confirmedPages.leftOut);
  const hint = (): string | undefined => leftOut.withSaid(howToGoOn(confirmedPages, resumeCommand(context.args)));
  const done = `to ${flags.to}`;
  const share = (): number | undefined => source.count && Math.min(1, confirmedPages.state.keys / source.count);
  await longWork(context, { verb: "migrate", flags, targets: [target], hint, done, already: state }, async (work) => {
    await writePages<KVPair, Mark>({
      pages: pages(source, flags, state.mark, work, leftOut),
      confirmedPages,
      work,
      concurrency: target.concurrency,
      share,
      write: (pairs) => target.kv.putMany(pairs as KVPair[], { signal: work.cut }),
      onFailedKeys: leftOut.onFailedKeys,
    });
    leftOut.tell(work.progress);
  });
  leftOut.end();
}

async function openSource({ env }: Context, text: string, prefix: string): Promise<Source> {
  if (text.startsWith("sqlite:")) return (await import("./keyv-sqlite.ts")).openKeyvSqlite(text, prefix);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "redis:" || url?.protocol === "rediss:")
    return (await import("./redis.ts")).openRedis(url, prefix, variable(env, "REDIS_PASSWORD"));
  throw usageError("--from takes redis://HOST:PORT/DATABASE, or sqlite://FILE of a Keyv.");
}

async function* pages(
  source: Source,
  { mapPrefix }: MigrateFlags,
  from: Mark,
  { stop, progress }: LongWork,
  leftOut: LeftOut,
): AsyncGenerator<Page<KVPair, Mark>> {
  let [items, start, records, bytes]: [KVPair[], Mark, number, number] = [[], from, 0, 0];
  let outBefore = leftOut.leftOut;
  for await (const { found, unfit, next } of source.read(from)) {
    stop.throwIfAborted();
    leftOut.unfit += unfit;
    for (const one of found) {
      const pair = checked(one, mapPrefix, leftOut, progress);
      if (pair !== undefined) items.push(pair);
      bytes += Buffer.byteLength(one.value);
    }
    // What has expired counts as well: a page is not to grow when it is read again.
    records += found.length;
    if (next !== undefined && records + found.length <= MOST_ITEMS && bytes < MOST_BYTES) continue;
    yield { id: pageId(start, next), items, bytes, leftOut: leftOut.leftOut - outBefore, next: next ?? start };
    [items, start, records, bytes] = [[], next ?? start, 0, 0];
    outBefore = leftOut.leftOut;
  }
}

/** What KV can hold of it. */
function checked(
  { key, value, expiration }: Found,
  map: MigrateFlags["mapPrefix"],
  leftOut: LeftOut,
  progress: LongWork["progress"],
): KVPair | undefined {
  try {
    if (key === undefined) throw new Error("A key is not UTF-8.");
    const name = map && key.startsWith(map.from) ? map.to + key.slice(map.from.length) : key;
    const pair = alive({ key: name, value, ...(expiration !== undefined && { expiration }) });
    if (pair === undefined) leftOut.expired++;
    else checkPair(pair);
    return pair;
  } catch (error) {
    if (!leftOut.keepGoing) throw new CommandError(EXIT.failed, `${messageOf(error)} --keep-going skips it.`);
    leftOut.malformed(messageOf(error), progress);
    return undefined;
  }
}
