import type { KVStream } from "../seam/kv-namespace.ts";
import type { StreamWatch } from "./transport.ts";

/**
 * A stream that asks for a chunk when its reader does, and for none ahead.
 *
 * @param watch Told what becomes of it.
 */
export function pulledStream(
  next: () => Promise<IteratorResult<Uint8Array, unknown>>,
  cancel: (reason: unknown) => void | Promise<void> | undefined,
  watch?: StreamWatch,
): KVStream {
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    watch?.onPull();
    try {
      const step = await next();
      watch?.onChunk();
      if (!step.done) return controller.enqueue(step.value);
      controller.close();
    } catch (error) {
      watch?.onEnd();
      throw error;
    }
    watch?.onEnd();
  };
  const onCancel = (reason: unknown): void | Promise<void> | undefined => {
    watch?.onEnd();
    return cancel(reason);
  };
  return new ReadableStream<Uint8Array>({ pull, cancel: onCancel }, { highWaterMark: 0 });
}
