import type { KVPair } from "@kvplug/core";

/** How a source ends: it is whole, it fails after its first piece, or nothing more comes. */
export type Ending = "whole" | "fails" | "stalls";

/** The error that a source of the program's own fails with. */
export class SourceFailed extends Error {
  override name = "SourceFailed";
}

const texts: WeakMap<object, string> = new WeakMap();
const failures: WeakMap<object, SourceFailed> = new WeakMap();

/** A stream of a value: two chunks, the first of which tells it. It never comes to its end where it fails or stalls. */
export function streamOf(text: string, ending: Ending = "whole"): ReadableStream<Uint8Array> {
  const failure = new SourceFailed(`a stream failed`);
  let pulls = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulls++;
        if (pulls === 1) return controller.enqueue(Buffer.from(text));
        if (ending === "fails") return controller.error(failure);
        if (ending === "stalls") return new Promise(() => {});
        if (pulls === 2) return controller.enqueue(Buffer.from(STREAM_END));
        return controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  texts.set(stream, text);
  failures.set(stream, failure);
  return stream;
}

/** How each streamed value ends, so that a part of it is never the value. */
export const STREAM_END = "~";

/** A value so long that a body of 600 bytes holds one of it. */
export const long = (text: string): string => text.padEnd(300, ".");

/** What a source came from: the text of a stream. */
export const textOf = (stream: object): string | undefined => texts.get(stream);

/** The error that a source may fail with. */
export const failureOf = (source: object): SourceFailed | undefined => failures.get(source);

/** Items one by one, each `pause` ms after the one before; the ending comes where the next item would. */
export function slowly<Item extends KVPair | string>(
  items: readonly Item[],
  pause: (time: number) => Promise<void>,
  time: number,
  ending: Ending = "whole",
): AsyncIterable<Item> {
  const failure = new SourceFailed(`a source of many failed`);
  const source = {
    async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
      for (const item of items) {
        if (time > 0) await pause(time);
        yield item;
      }
      if (time > 0) await pause(time);
      if (ending === "fails") throw failure;
      if (ending === "stalls") await new Promise(() => {});
    },
  };
  failures.set(source, failure);
  return source;
}
