import type { KVStream } from "../kv-namespace.ts";

/** A stream that asks for a chunk when its reader does, and for none ahead. */
export function pulledStream(
  next: () => Promise<IteratorResult<Uint8Array, unknown>>,
  cancel: (reason: unknown) => void | Promise<void> | undefined,
): KVStream {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const step = await next();
      if (step.done) controller.close();
      else controller.enqueue(step.value);
    },
    cancel,
  });
}
