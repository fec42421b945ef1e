/**
 * What the driver does over a network, on any platform: `program-over-net.ts OPTIONS`, those of `createKV` as JSON.
 * Prints what became of each call, as JSON.
 *
 * @module
 */
import { createKV, type KVOptions } from "@kvplug/core";

const options = JSON.parse(process.argv[2]!) as KVOptions;
const kv = createKV({ ...options, retry: false, writeInterval: 0, timeout: 5_000 });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A source that gives a piece, and then fails or stalls. */
function half(fails: boolean): ReadableStream<Uint8Array> {
  let first = true;
  return new ReadableStream({
    async pull(controller) {
      if (first) controller.enqueue(new TextEncoder().encode("new"));
      else if (fails) await sleep(100).then(() => controller.error(new Error("the source failed")));
      else await sleep(600_000);
      first = false;
    },
  });
}

const outcomeOf = (call: Promise<unknown>): Promise<string> => call.then(String, (error: Error) => error.message);
const outcomes: Record<string, string> = {
  "a put": await outcomeOf(kv.put("a", "old")),
  "a source that fails": await outcomeOf(kv.put("a", half(true))),
  "a source that stalls": await outcomeOf(kv.put("a", half(false), { deadline: 300 })),
  "a signal": await outcomeOf(kv.put("a", half(false), { signal: AbortSignal.timeout(300) })),
};
console.log(JSON.stringify(outcomes));
process.exit();
