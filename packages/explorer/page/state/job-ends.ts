import { effect } from "@preact/signals";
import type { JobState } from "../../src/protocol.ts";
import { jobs } from "./app.ts";

/** Calls once when a job is over, whichever way. */
export function onJobEnd(id: string, run: (state: JobState) => void): void {
  let isDone = false;
  const stop = effect(() => {
    const state = jobs.value.get(id);
    if (isDone || state === undefined || state.state === "running" || state.state === "paused") return;
    isDone = true;
    queueMicrotask(() => {
      stop();
      run(state);
    });
  });
}
