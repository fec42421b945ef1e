import type { EventEmitter } from "node:events";

/**
 * Emits an error that reaches no caller. Without a listener it becomes a warning, since an `error` event would end the
 * process.
 */
export function report(emitter: EventEmitter<any>, error: Error): void {
  if (emitter.listenerCount("error") > 0) emitter.emit("error", error);
  else process.emitWarning(error);
}
