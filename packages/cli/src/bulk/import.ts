import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { KVPair } from "@kvplug/core";
import { CommandError, EXIT } from "../command-error.ts";
import { withTarget, type Target } from "../connect/connections.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { messageOf } from "../failure.ts";
import { longWork, type LongWork } from "../progress/long-work.ts";
import type { ProgressFlags } from "../progress/options.ts";
import { alive } from "./formats/alive.ts";
import { checkpointBeside } from "./pages/checkpoint.ts";
import { ConfirmedPages } from "./pages/confirmed-pages.ts";
import { LeftOut } from "./pages/left-out.ts";
import { MOST_BYTES, MOST_ITEMS, type Page } from "./pages/page.ts";
import type { UnreadRecord } from "./formats/unread-record.ts";
import { openSource, type SourceFlags } from "./formats/open-source.ts";
import type { RecordSource } from "./formats/record-source.ts";
import { begin, openCheckpoint, type ResumeFlags } from "./pages/resume.ts";
import { howToGoOn, resumeCommand } from "./pages/resume-command.ts";
import { writePages } from "./pages/write-pages.ts";

export interface ImportFlags extends NamespaceFlags, ProgressFlags, ResumeFlags, SourceFlags {
  keepGoing?: true;
}

/** The number of records that are read. */
type Mark = number;

/**
 * Writes the records of a file, or of stdin, into a namespace.
 *
 * @param checkpointAt Where its checkpoint is; see {@link openCheckpoint}.
 */
export async function importFile(
  context: Context,
  path: string,
  flags: ImportFlags,
  checkpointAt?: string,
): Promise<void> {
  const input = await openSource(context, path, flags);
  refuseUnfinished(path);
  await withTarget(context, flags, async (target) => {
    const checkpoint =
      input.version &&
      (await openCheckpoint<Mark>(
        context,
        {
          work: "import",
          namespace: target.id,
          account: target.account,
          file: resolve(path),
          prefix: flags.prefix ?? "",
          bytes: String(input.version.bytes),
          modified: String(input.version.mtimeMs),
        },
        checkpointAt,
      ));
    const state = await begin<Mark>(context, 0, checkpoint, flags);
    const confirmedPages = new ConfirmedPages(state, checkpoint);
    let isBegun = flags.resume === true || state.mark > 0;
    const leftOut = new LeftOut(flags.keepGoing ?? false, confirmedPages.leftOut);
    const hint = (): string | undefined =>
      leftOut.withSaid(isBegun && checkpoint ? howToGoOn(confirmedPages, resumeCommand(context.args)) : undefined);
    const done = `from ${input.name}`;
    await longWork(context, { verb: "import", flags, targets: [target], hint, done, already: state }, async (work) => {
      // What was begun was checked.
      if (input.version && !flags.keepGoing && !isBegun) await check(input, work);
      isBegun = true;
      await run(input, target, confirmedPages, work, leftOut);
      leftOut.tell(work.progress);
    });
    leftOut.end();
  });
}

/** An incomplete export's lines do not show what is missing. */
function refuseUnfinished(path: string): void {
  const checkpoint = checkpointBeside(path);
  if (!existsSync(checkpoint)) return;
  throw new CommandError(
    EXIT.failed,
    `${path} is an incomplete export. Complete it first, with its own command and --resume, or delete ${checkpoint} to import what it has.`,
  );
}

/** Looks into all records before the first one is written. */
async function check(input: RecordSource, { stop, progress }: LongWork): Promise<void> {
  for await (const records of input.read(stop)) {
    for (const record of records) read(record, input, "Nothing was written; --keep-going skips such records.");
    stop.throwIfAborted();
    progress.check(input.share ?? 0);
  }
}

async function run(
  input: RecordSource,
  { kv, concurrency }: Target,
  confirmedPages: ConfirmedPages<Mark>,
  work: LongWork,
  leftOut: LeftOut,
): Promise<void> {
  await writePages<KVPair, Mark>({
    pages: pages(input, confirmedPages.state.mark, work, leftOut),
    confirmedPages,
    work,
    concurrency,
    share: () => input.share,
    write: (pairs) => kv.putMany(pairs as KVPair[], { signal: work.cut }),
    onFailedKeys: leftOut.onFailedKeys,
  });
}

/** Groups of records that depend only on the file, so that they are the same in each run. */
async function* pages(
  input: RecordSource,
  from: Mark,
  { progress, stop }: LongWork,
  leftOut: LeftOut,
): AsyncGenerator<Page<KVPair, Mark>> {
  // Of all records, so that a page ends where it did before, whatever has expired since.
  let [first, next, weight] = [from, 0, 0];
  let [bytes, outBefore] = [0, leftOut.leftOut];
  let items: KVPair[] = [];
  const page = (): Page<KVPair, Mark> => ({
    id: String(first),
    items,
    bytes,
    leftOut: leftOut.leftOut - outBefore,
    next,
  });
  for await (const records of input.read(stop)) {
    for (const record of records) {
      if (next++ < from) continue;
      let pair: KVPair;
      try {
        pair = read(record, input, leftOut.keepGoing ? "It was skipped." : "The records before it are written.");
      } catch (error) {
        if (!leftOut.keepGoing) throw error;
        leftOut.malformed(messageOf(error), progress);
        continue;
      }
      const size = bytesOf(pair);
      weight += size;
      const living = alive(pair);
      if (living) {
        items.push(living);
        bytes += size;
      } else leftOut.expired++;
      if (next - first < MOST_ITEMS && weight < MOST_BYTES) continue;
      yield page();
      [first, weight, bytes, outBefore, items] = [next, 0, 0, leftOut.leftOut, []];
    }
  }
  if (next > first) yield page();
}

/** @throws {CommandError} that says where it is, and what is wrong with it. */
function read(record: UnreadRecord, { name }: RecordSource, then: string): KVPair {
  try {
    return record.read();
  } catch (error) {
    const what = messageOf(error)
      .replace(/^expirationTtl/, "expiration_ttl")
      .replace(/\.?$/, ".");
    throw new CommandError(EXIT.failed, `${name}, ${record.place}: ${what} ${then}`);
  }
}

function bytesOf({ value }: KVPair): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
}
