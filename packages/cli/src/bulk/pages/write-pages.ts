import { isKVError, KVBulkError } from "@kvplug/core/seam";
import type { LongWork } from "../../progress/long-work.ts";
import type { ConfirmedPages } from "./confirmed-pages.ts";
import type { Page } from "./page.ts";

/** What may be under way: large values run side by side, and of small ones two requests of ten thousand, for the memory. */
const MOST_RUNNING = { pages: 4, bytes: 40_000_000, items: 20_000 } as const;

export interface WriteOptions<Item, Mark> {
  readonly pages: AsyncIterable<Page<Item, Mark>>;
  readonly confirmedPages: ConfirmedPages<Mark>;
  readonly work: LongWork;
  /** How many pages are written at once, where somebody wants that, whatever memory they take. */
  readonly concurrency?: number | undefined;
  /** Which share of the source is read. */
  readonly share?: () => number | undefined;
  write(items: readonly Item[]): Promise<void>;
  /** The API refused keys of a page, the others are written; without it, that is a failure. */
  readonly onFailedKeys?: ((keys: readonly string[], why: string) => void) | undefined;
}

/**
 * Writes pages, several at once. When the work is stopped, or one fails, no other one begins, those
 * that run are waited for, and what was confirmed is in the checkpoint.
 */
export async function writePages<Item, Mark>(options: WriteOptions<Item, Mark>): Promise<void> {
  const { pages, confirmedPages, work, concurrency } = options;
  const running = new Set<Promise<void>>();
  let [bytes, items] = [0, 0];
  const isFull = (): boolean =>
    concurrency === undefined
      ? running.size >= MOST_RUNNING.pages || bytes > MOST_RUNNING.bytes || items >= MOST_RUNNING.items
      : running.size >= concurrency;
  let failure: { error: unknown } | undefined;
  const run = async (page: Page<Item, Mark>): Promise<void> => {
    try {
      await confirmedPages.confirm(page, await written(page.items, options));
      tell(options);
    } catch (error) {
      failure ??= { error };
    }
  };
  try {
    await confirmedPages.save();
    for await (const page of pages) {
      // The next page is read while this one is written.
      while (isFull()) await Promise.race(running);
      work.stop.throwIfAborted();
      if (failure) break;
      if (confirmedPages.begin(page)) {
        bytes += page.bytes;
        items += page.items.length;
        const one = run(page).finally(() => {
          running.delete(one);
          bytes -= page.bytes;
          items -= page.items.length;
        });
        running.add(one);
      }
    }
  } finally {
    await Promise.all(running);
  }
  if (failure) throw failure.error;
  work.stop.throwIfAborted();
  await confirmedPages.close();
}

/** How many of these were refused. */
async function written<Item, Mark>(items: readonly Item[], options: WriteOptions<Item, Mark>): Promise<number> {
  try {
    await options.write(items);
    return 0;
  } catch (error) {
    if (options.onFailedKeys === undefined || !(error instanceof KVBulkError)) throw error;
    if (![...error.reasons.values()].every(isRefusal)) throw error;
    options.onFailedKeys(error.keys, error.message);
    return error.keys.length;
  }
}

/** Whether the API would not take a key, and did not merely fail to answer: that may be another time. */
function isRefusal(cause: unknown): boolean {
  if (!isKVError(cause)) return false;
  return (
    cause.code === "KV_LIMIT" ||
    (cause.code === "KV_API" && !(cause.httpStatus !== undefined && cause.httpStatus >= 500))
  );
}

function tell<Item, Mark>({ confirmedPages, work, share }: WriteOptions<Item, Mark>): void {
  const { keys, bytes } = confirmedPages.state;
  work.progress.update({ keys, bytes, share: share?.() });
}
