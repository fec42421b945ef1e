import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../api/http.ts";
import { isSame, readValue, writeValue, type Place, type Stored } from "../api/values.ts";
import { isRemote } from "../state/app.ts";
import { changesOf, isNothing, type ChangedLines } from "../values/changes.ts";
import { Alert } from "./alert.tsx";
import { Dialog } from "./dialog.tsx";
import { Name } from "./text.tsx";

/** What is stored now, as far as it is known. */
type Now = { readonly stored: Stored | undefined } | undefined;

/** Shows what a write changes before it is done, and whether another writer has changed the value since it was read. */
export function ReviewDialog({
  place,
  before,
  after,
  onWritten,
  onClose,
}: {
  readonly place: Place;
  readonly before: Stored | undefined;
  readonly after: Stored;
  readonly onWritten: (stored: Stored) => void;
  readonly onClose: () => void;
}) {
  const [now, setNow] = useState<Now>();
  const [failed, setFailed] = useState<string>();
  const [isWriting, setIsWriting] = useState(false);
  useEffect(() => {
    readValue(place).then(
      (stored) => setNow({ stored }),
      (error: unknown) => setFailed(messageOf(error)),
    );
  }, []);
  const isConflict = now !== undefined && !isSame(now.stored, before);
  const changes = changesOf(isConflict ? now.stored : before, after);
  const write = async (): Promise<void> => {
    setIsWriting(true);
    try {
      await writeValue(place, after);
      onWritten(after);
    } catch (error) {
      setFailed(messageOf(error));
      setIsWriting(false);
    }
  };
  return (
    <Dialog title="What changes" onClose={onClose} isWide>
      {isConflict ? (
        <Alert>
          {now.stored === undefined
            ? "Somebody has deleted this key since you read it. To write it makes it anew."
            : before === undefined
              ? "Somebody has written this key meanwhile. Below is what your write would change of that."
              : "Somebody has changed this key since you read it. Below is what your write would change of what is stored now."}
        </Alert>
      ) : null}
      {now === undefined && failed === undefined ? <p class="hint">Looking whether it has changed meanwhile…</p> : null}
      <div class="changes" tabIndex={0} role="region" aria-label="Changes">
        <Change title="Value" lines={changes.value} />
        <Change title="Metadata" lines={changes.metadata} />
        <Change title="Expires" lines={changes.expiration} />
        {isNothing(changes) ? <p class="hint">Nothing. To write it all the same is harmless.</p> : null}
      </div>
      <Alert>{failed}</Alert>
      <div class="actions">
        <button type="button" onClick={onClose}>
          Go on editing
        </button>
        <button
          type="button"
          class={isConflict ? "danger" : "primary"}
          disabled={isWriting || now === undefined}
          onClick={() => void write()}
        >
          {isConflict ? "Write over it" : isRemote.value ? "Write to the real account" : "Write"}
        </button>
      </div>
    </Dialog>
  );
}

/** The lines of what changes, under a title. */
export function Change({ title, lines }: { readonly title: string; readonly lines: readonly ChangedLines[] }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <div class="diff">
        {lines.flatMap(({ sign, text }, run) =>
          text
            .replace(/\n$/, "")
            .split("\n")
            .map((line, i) => (
              <div key={`${run}-${i}`} class={sign === "+" ? "came" : sign === "-" ? "went" : "stays"}>
                <span class="sign">{sign === "-" ? "−" : sign}</span>
                <Name text={line} />
              </div>
            )),
        )}
      </div>
    </section>
  );
}
