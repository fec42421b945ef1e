import { PassThrough, Readable } from "node:stream";
import { Encoder } from "../bulk/formats/encoder.ts";
import { ValueReader } from "../bulk/entries/read-values.ts";
import { MAX_BULK_GET_KEYS } from "@kvplug/core/seam";
import { withTarget, type Connections } from "../connect/connections.ts";
import type { Context } from "../context.ts";
import { longWork } from "../progress/long-work.ts";
import { writeOut } from "../print.ts";
import type { KVListKey } from "@kvplug/core";
import type { Jobs } from "./jobs.ts";

/** The records of some keys as the body of an answer, with the metadata and expirations they were listed with. */
export function exportKeys(
  jobs: Jobs,
  connections: Connections,
  { namespace, keys }: { namespace: string; keys: readonly KVListKey[] },
): ReadableStream {
  return streamOf(jobs, connections, (context) =>
    withTarget(context, { namespace: connections.addressOf(namespace) }, async (target) => {
      const options = { verb: "export", flags: {}, targets: [target], hint: undefined };
      await longWork(context, options, async ({ stop, progress }) => {
        const values = new ValueReader(target.kv, stop);
        const encoder = new Encoder("ndjson", 0);
        let bytes = 0;
        for (let start = 0; start < keys.length; start += MAX_BULK_GET_KEYS) {
          stop.throwIfAborted();
          const entries = await values.read(keys.slice(start, start + MAX_BULK_GET_KEYS));
          for (const entry of entries) bytes += Buffer.byteLength(entry.value);
          await writeOut(context, entries.map((entry) => encoder.record(entry)).join(""));
          const done = Math.min(keys.length, start + MAX_BULK_GET_KEYS);
          progress.update({ keys: done, bytes, share: done / keys.length });
        }
      });
    }),
  );
}

function streamOf(jobs: Jobs, connections: Connections, command: (context: Context) => Promise<void>): ReadableStream {
  const stdout = new PassThrough();
  const job = jobs.run("export", connections, command, { stdout });
  // One that failed breaks off, so that no browser takes it for whole.
  const end = async (): Promise<void> => {
    await job.ended;
    if (job.state.state === "done") stdout.end();
    else stdout.destroy(new Error(job.state.message ?? "stopped"));
  };
  void end();
  stdout.on("close", () => {
    if (!job.isOver) job.stop();
  });
  return Readable.toWeb(stdout);
}
