import type { EventEmitter } from "node:events";

/** Tells of an error that no caller is told of. Where nobody listens it is a warning: an `error` event would end the process. */
export function report(emitter: EventEmitter<any>, error: Error): void {
  if (emitter.listenerCount("error") > 0) emitter.emit("error", error);
  else process.emitWarning(error);
}
