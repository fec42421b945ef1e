import { useSignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { MOST_DIFFERENCES, type DiffLine } from "../../src/protocol.ts";
import { messageOf } from "../api/http.ts";
import { differencesOf, startJob } from "../api/process.ts";
import { readValue, type Stored } from "../api/values.ts";
import { account, jobs, namespaces, titleOf } from "../state/app.ts";
import { onJobEnd } from "../state/job-ends.ts";
import { plural } from "../text/figures.ts";
import { changesOf, type Changes } from "../values/changes.ts";
import { Alert } from "./alert.tsx";
import { Change } from "./review-dialog.tsx";
import { Name } from "./text.tsx";
import { useWindow } from "./use-window.ts";

const ROW_PIXELS = 30;

interface Sides {
  readonly first: string;
  readonly second: string;
}

/** Two namespaces side by side: what is in one of them alone, and what differs. */
export function Compare() {
  const all = namespaces.value;
  const [first, setFirst] = useState(all[0]?.id ?? "");
  const [second, setSecond] = useState(all[1]?.id ?? "");
  const [prefix, setPrefix] = useState("");
  const [job, setJob] = useState<Sides & { readonly id: string }>();
  const [found, setFound] = useState<readonly DiffLine[]>();
  const [failed, setFailed] = useState<string>();
  const compare = async (): Promise<void> => {
    setFound(undefined);
    setFailed(undefined);
    try {
      const id = await startJob({ kind: "diff", first, second, prefix });
      setJob({ id, first, second });
      onJobEnd(id, ({ state, message }) => {
        if (state === "failed") setFailed(message);
        else void differencesOf(id).then(setFound);
      });
    } catch (error) {
      setFailed(messageOf(error));
    }
  };
  const isRunning = job !== undefined && found === undefined && failed === undefined;
  return (
    <section class="compare" aria-labelledby="compare-title">
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          void compare();
        }}
      >
        <h2 id="compare-title">Compare</h2>
        <NamespaceChoice label="First" value={first} onChange={setFirst} />
        <NamespaceChoice label="Second" value={second} onChange={setSecond} />
        <label>
          <span>Prefix</span>
          <input value={prefix} autocomplete="off" onInput={(event) => setPrefix(event.currentTarget.value)} />
        </label>
        <button class="primary" disabled={first === "" || second === "" || first === second || isRunning}>
          Compare
        </button>
      </form>
      <Alert>{failed}</Alert>
      {isRunning ? <p class="hint">Comparing: {plural(jobs.value.get(job.id)?.keys ?? 0, "key")} so far.</p> : null}
      {found === undefined || job === undefined ? null : <Differences found={found} sides={job} />}
    </section>
  );
}

function NamespaceChoice({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (id: string) => void;
}) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {namespaces.value.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function Differences({ found, sides }: { readonly found: readonly DiffLine[]; readonly sides: Sides }) {
  const scroller = useRef<HTMLDivElement>(null);
  const chosen = useSignal<string | undefined>(undefined);
  const { first, end, height, top, slot } = useWindow(scroller, found.length, ROW_PIXELS);
  const drawn = [];
  for (let i = first; i < end; i++) drawn.push(i);
  return (
    <div class="differences">
      <p role="status">
        {found.length === 0
          ? "They are the same."
          : `${plural(found.length, "key")}${found.length === MOST_DIFFERENCES ? " or more" : ""} differ.`}
      </p>
      <div class="scroller" ref={scroller} tabIndex={0} role="region" aria-label="Keys that differ">
        <div class="rows" style={{ height: `${height}px` }}>
          {drawn.map((i) => {
            const line = found[i]!;
            return (
              <button
                key={slot(i)}
                class="row diff-row"
                aria-pressed={chosen.value === line.key}
                style={{ transform: `translateY(${top(i)}px)` }}
                onClick={() => void (chosen.value = line.key)}
              >
                <Name text={line.key} />
                <span class="hint">{wordsOf(line, sides)}</span>
              </button>
            );
          })}
        </div>
      </div>
      {chosen.value === undefined ? null : <BothValues key={chosen.value} name={chosen.value} sides={sides} />}
    </div>
  );
}

function wordsOf({ only, differs }: DiffLine, { first, second }: Sides): string {
  if (only === undefined) return (differs ?? []).join(", ");
  return `only in ${titleOf(only === "first" ? first : second)}`;
}

/** The changes that would make the first equal to the second. */
function BothValues({ name, sides }: { readonly name: string; readonly sides: Sides }) {
  const [changes, setChanges] = useState<Changes | string>();
  useEffect(() => {
    const read = (namespace: string): Promise<Stored | undefined> =>
      readValue({ account: account(), namespace, key: name });
    Promise.all([read(sides.first), read(sides.second)]).then(
      ([one, other]) =>
        setChanges(other === undefined ? `It is not in ${titleOf(sides.second)}.` : changesOf(one, other)),
      (error: unknown) => setChanges(messageOf(error)),
    );
  }, []);
  return (
    <section class="both" aria-label="Difference">
      <h3>
        <Name text={name} />
      </h3>
      {changes === undefined ? <p class="hint">Reading both…</p> : null}
      {typeof changes === "string" ? <p class="hint">{changes}</p> : null}
      {typeof changes === "object" ? (
        <>
          <p class="hint">
            − is <Name text={titleOf(sides.first)} />, + is <Name text={titleOf(sides.second)} />.
          </p>
          <Change title="Value" lines={changes.value} />
          <Change title="Metadata" lines={changes.metadata} />
          <Change title="Expires" lines={changes.expiration} />
        </>
      ) : null}
    </section>
  );
}
