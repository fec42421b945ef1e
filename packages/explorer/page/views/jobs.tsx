import { useState } from "preact/hooks";
import type { JobState } from "../../src/protocol.ts";
import { messageOf } from "../api/http.ts";
import { exportLink, steerJob } from "../api/process.ts";
import { budget, jobs, mayWrite, say, titleOf } from "../state/app.ts";
import { bytesText, countText, durationText, plural } from "../text/figures.ts";
import { Name } from "./text.tsx";

const VERBS: Readonly<Record<string, string>> = {
  copy: "Copying",
  delete: "Deleting",
  expire: "Changing expirations",
  compare: "Comparing",
  export: "Exporting",
  import: "Importing",
};

const ENDS: Readonly<Record<string, string>> = { done: "done", failed: "failed", stopped: "stopped", paused: "paused" };

/** Work on many keys, how far it is, and how to hold it. */
export function JobsPanel() {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = [...jobs.value.values()].filter(({ id }) => !hidden.has(id));
  if (shown.length === 0) return null;
  return (
    <section class="jobs" aria-label="Work on many keys">
      {shown.map((job) => (
        <JobLine key={job.id} job={job} onHide={() => setHidden(new Set(hidden).add(job.id))} />
      ))}
    </section>
  );
}

function JobLine({ job, onHide }: { readonly job: JobState; readonly onHide: () => void }) {
  const { id, verb, state, keys, bytes, share, keysPerSecond, secondsLeft, message, lasts } = job;
  const isOver = state !== "running" && state !== "paused";
  const isUnfinished = lasts === true && (state === "stopped" || state === "failed");
  const waits = (budget.value?.opensIn ?? 0) > 0;
  const facts = [
    plural(keys, "key"),
    ...(bytes > 0 ? [bytesText(bytes)] : []),
    ...(state === "running" && keysPerSecond ? [`${countText(keysPerSecond)} keys/s`] : []),
    ...(state === "running" && secondsLeft !== undefined ? [`${durationText(secondsLeft)} left`] : []),
    ...(state === "running" && waits ? [`waits ${durationText(budget.value!.opensIn / 1000)} for the budget`] : []),
  ];
  return (
    <div class="job" data-state={state}>
      <strong>{VERBS[verb] ?? verb}</strong>
      <Subject job={job} />
      {share === undefined || isOver ? null : <progress value={share} aria-label={`${VERBS[verb] ?? verb}, share`} />}
      <span role="status">
        {facts.join(", ")}
        {ENDS[state] === undefined ? "" : `: ${ENDS[state]}`}
      </span>
      {message === undefined ? null : <span class="hint">{message}</span>}
      <span class="buttons">
        {state === "running" ? <button onClick={() => steer(id, "pause")}>Pause</button> : null}
        {state === "paused" ? <button onClick={() => steer(id, "resume")}>Resume</button> : null}
        {isUnfinished && mayWrite.value ? <button onClick={() => steer(id, "continue")}>Continue</button> : null}
        {lasts && verb === "export" && state === "done" ? (
          <a class="button" href={exportLink(id, titleOf(job.namespaces?.[0] ?? ""))} download="">
            Download
          </a>
        ) : null}
        {isOver ? (
          <button
            class="quiet"
            onClick={() => {
              onHide();
              steer(id, "forget");
            }}
          >
            {isUnfinished ? "Give up" : "Hide"}
          </button>
        ) : (
          <button onClick={() => steer(id, "stop")}>Stop</button>
        )}
      </span>
    </div>
  );
}

/** Of work that may be another run's: which namespaces, which file. */
function Subject({ job: { namespaces = [], file } }: { readonly job: JobState }) {
  return (
    <>
      {file === undefined ? null : (
        <>
          <Name text={file} /> →{" "}
        </>
      )}
      {namespaces.map((namespace, i) => (
        <span key={namespace}>
          {i === 0 ? null : "→ "}
          <Name text={titleOf(namespace)} />
        </span>
      ))}
    </>
  );
}

function steer(id: string, action: Parameters<typeof steerJob>[1]): void {
  steerJob(id, action).catch((error: unknown) => say(messageOf(error)));
}
