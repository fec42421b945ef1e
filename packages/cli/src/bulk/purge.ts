import { resolve } from "node:path";
import { quoteKey } from "@kvplug/core/seam";
import { askFirst } from "../ask.ts";
import { withTarget, type Target } from "../connect/connections.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { longWork, type LongWork } from "../progress/long-work.ts";
import type { ProgressFlags } from "../progress/options.ts";
import { meets, whereText, type WhereFlags } from "../where.ts";
import { Input } from "./files/input.ts";
import { ConfirmedPages } from "./pages/confirmed-pages.ts";
import { MOST_ITEMS, type Page } from "./pages/page.ts";
import { readKeys } from "./formats/read-keys.ts";
import { begin, openCheckpoint, type ResumeFlags } from "./pages/resume.ts";
import { howToGoOn, resumeCommand } from "./pages/resume-command.ts";
import { writePages } from "./pages/write-pages.ts";

export interface PurgeFlags extends NamespaceFlags, ProgressFlags, ResumeFlags, WhereFlags {
  prefix?: string;
  expired?: true;
  keys?: string;
  yes?: true;
}

/** The number of keys that are read from a file. */
type Mark = number;

/** Deletes many keys. */
export async function purge(context: Context, flags: PurgeFlags): Promise<void> {
  const input = flags.keys === undefined ? undefined : await Input.open(context, flags.keys);
  await withTarget(context, flags, async (target) => {
    await askFirst(context, `Delete ${what(flags)} of the namespace '${target.name}'?`, flags.yes);
    const checkpoint =
      input?.version &&
      (await openCheckpoint<Mark>(context, {
        work: "purge",
        namespace: target.id,
        account: target.account,
        file: resolve(input.name),
        bytes: String(input.version.bytes),
        modified: String(input.version.mtimeMs),
      }));
    // What is listed is what is left to delete: without a file, there is nothing to remember.
    const state = await begin<Mark>(context, 0, checkpoint, checkpoint ? flags : {});
    const confirmedPages = new ConfirmedPages(state, checkpoint);
    const hint = (): string => howToGoOn(confirmedPages, checkpoint ? resumeCommand(context.args) : "run it again.");
    await longWork(context, { verb: "purge", flags, targets: [target], hint, already: state }, async (work) => {
      const keys = input ? readKeys(input, work.stop) : listed(target, flags, work);
      await writePages<string, Mark>({
        pages: pages(keys, state.mark),
        confirmedPages,
        work,
        concurrency: target.concurrency,
        share: () => input?.share,
        write: (names) => target.kv.deleteMany(names, { signal: work.cut }),
      });
    });
  });
}

function what(flags: PurgeFlags): string {
  return `${whichKeys(flags)}${flags.where ? ` where ${whereText(flags.where)}` : ""}`;
}

function whichKeys({ prefix, expired, keys }: PurgeFlags): string {
  if (keys === "-") return "the keys that stdin names";
  if (keys !== undefined) return `the keys of ${keys}`;
  if (expired) return "all expired keys";
  return prefix === undefined ? "all keys" : `all keys that begin with ${quoteKey(prefix)}`;
}

async function* listed(
  { kv }: Target,
  { prefix, expired, where }: PurgeFlags,
  { stop }: LongWork,
): AsyncGenerator<string[]> {
  for await (const { name, expiration, metadata } of kv.keys({ prefix: prefix ?? "", signal: stop })) {
    if (!meets(metadata, where)) continue;
    if (!expired || (expiration !== undefined && expiration <= Date.now() / 1000)) yield [name];
  }
}

async function* pages(source: AsyncIterable<string[]>, from: Mark): AsyncGenerator<Page<string, Mark>> {
  let [items, next]: [string[], number] = [[], 0];
  const page = (): Page<string, Mark> => ({ id: String(next - items.length), items, bytes: 0, next });
  for await (const keys of source) {
    for (const key of keys) {
      if (next++ < from) continue;
      items.push(key);
      if (items.length < MOST_ITEMS) continue;
      yield page();
      items = [];
    }
  }
  if (items.length > 0) yield page();
}
