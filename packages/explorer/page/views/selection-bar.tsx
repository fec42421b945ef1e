import { useState } from "preact/hooks";
import { messageOf } from "../api/http.ts";
import { exportKeys, startJob } from "../api/process.ts";
import { LEAST_SECONDS } from "../api/values.ts";
import { isRemote, mayWrite, say, titleOf } from "../state/app.ts";
import { onJobEnd } from "../state/job-ends.ts";
import { listPrefix, type NamespaceView } from "../state/listings.ts";
import { useCommands } from "../state/shortcuts.ts";
import { plural } from "../text/figures.ts";
import { ask, Dialog } from "./dialog.tsx";
import { download } from "./download.ts";
import { Name } from "./text.tsx";

/** What can be done with the keys that are selected. */
export function SelectionBar({ view }: { readonly view: NamespaceView }) {
  const { selected } = view;
  const [isExpiring, setIsExpiring] = useState(false);
  const count = selected.value.size;
  useCommands(
    [
      { title: "Delete what is selected", key: "Delete", run: () => void removeSelected(view) },
      { title: "Export what is selected", run: () => void exportSelected(view) },
      { title: "Select nothing", run: () => void (selected.value = new Set()) },
    ],
    [view],
  );
  if (count === 0) return null;
  return (
    <div class="selection" role="region" aria-label="Selection">
      <span>{plural(count, "key")} selected</span>
      <button onClick={() => void exportSelected(view)}>Export</button>
      {mayWrite.value ? (
        <>
          <button onClick={() => setIsExpiring(true)}>Change expiration</button>
          <button class="danger" onClick={() => void removeSelected(view)}>
            Delete
          </button>
        </>
      ) : null}
      <button class="quiet" onClick={() => void (selected.value = new Set())}>
        Clear
      </button>
      {isExpiring ? <ExpirationDialog view={view} onClose={() => setIsExpiring(false)} /> : null}
    </div>
  );
}

/** Asks once; at a real account, twice. */
async function removeSelected(view: NamespaceView): Promise<void> {
  const names = [...view.selected.value];
  if (names.length === 0 || !mayWrite.value) return;
  const title = `Delete ${plural(names.length, "key")}?`;
  const body = (
    <>
      <p>
        They are deleted from <Name text={titleOf(view.namespace)} />
        {isRemote.value ? ", at the real account" : ""}:
      </p>
      <ul class="some-names">
        {names.slice(0, 5).map((name) => (
          <li key={name}>
            <Name text={name} />
          </li>
        ))}
        {names.length > 5 ? <li>and {plural(names.length - 5, "more key")}</li> : null}
      </ul>
    </>
  );
  if (!(await ask(title, { body, action: "Delete", isDangerous: true }))) return;
  if (isRemote.value) {
    const typed = String(names.length);
    if (!(await ask("Really, at the real account?", { body, action: "Delete for good", isDangerous: true, typed })))
      return;
  }
  try {
    const id = await startJob({ kind: "delete", namespace: view.namespace, keys: names });
    view.selected.value = new Set();
    onJobEnd(id, ({ state }) => {
      if (state === "done") view.listing.value.remove(names);
      // Some are gone and some are not: only a listing tells which.
      else void listPrefix(view, view.listing.value.place.prefix, true);
    });
  } catch (error) {
    say(messageOf(error));
  }
}

async function exportSelected(view: NamespaceView): Promise<void> {
  const { table } = view.listing.value;
  const keys = Array.from(view.selected.value, (name) => table.find(name))
    .filter((row) => row >= 0)
    .map((row) => table.key(row));
  if (keys.length === 0) return;
  const title = titleOf(view.namespace);
  try {
    download(await exportKeys(view.namespace, title, keys), `${title}-${keys.length}.ndjson`);
  } catch (error) {
    say(messageOf(error));
  }
}

function ExpirationDialog({ view, onClose }: { readonly view: NamespaceView; readonly onClose: () => void }) {
  const [hours, setHours] = useState("24");
  const [isNever, setIsNever] = useState(false);
  const names = [...view.selected.value];
  const save = async (): Promise<void> => {
    const seconds = Math.max(LEAST_SECONDS, Math.round(Number(hours) * 3600));
    const expiration = isNever ? null : Math.floor(Date.now() / 1000) + seconds;
    onClose();
    try {
      const id = await startJob({ kind: "expire", namespace: view.namespace, keys: names, expiration });
      onJobEnd(id, () => void listPrefix(view, view.listing.value.place.prefix, true));
    } catch (error) {
      say(messageOf(error));
    }
  };
  return (
    <Dialog title={`When ${plural(names.length, "key")} expire`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p>
          KV changes an expiration by writing the key anew: each value is read and written, and keeps its metadata. Two
          requests for a hundred keys.
        </p>
        <label class="field">
          <span>Hours from now</span>
          <input
            type="number"
            min="0.0167"
            step="any"
            value={hours}
            disabled={isNever}
            onInput={(event) => setHours(event.currentTarget.value)}
          />
        </label>
        <label class="check-field">
          <input type="checkbox" checked={isNever} onChange={(event) => setIsNever(event.currentTarget.checked)} />
          <span>Never</span>
        </label>
        <div class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="primary">Write {plural(names.length, "key")}</button>
        </div>
      </form>
    </Dialog>
  );
}
