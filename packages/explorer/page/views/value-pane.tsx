import { useEffect, useState } from "preact/hooks";
import { isAbort, messageOf } from "../api/http.ts";
import { deleteValue, readValue, type Place, type Stored } from "../api/values.ts";
import { account, isRemote, mayWrite, say, sizesIn, titleOf } from "../state/app.ts";
import { newKey } from "../state/drafts.ts";
import type { NamespaceView } from "../state/listings.ts";
import { useCommands } from "../state/shortcuts.ts";
import { bytesText, momentText, untilText } from "../text/figures.ts";
import { Alert } from "./alert.tsx";
import { ask } from "./dialog.tsx";
import { download } from "./download.ts";
import { SnippetsDialog } from "./snippets-dialog.tsx";
import { Name } from "./text.tsx";
import { ValueEditor } from "./value-editor.tsx";
import { ValueView } from "./value-view.tsx";

type Read = { readonly stored: Stored | undefined } | { readonly failed: string } | undefined;

/** The value of a key, with what is kept beside it. */
export function ValuePane({
  view,
  name,
  onClose,
}: {
  readonly view: NamespaceView;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const [read, setRead] = useState<Read>();
  const [isEditing, setIsEditing] = useState(newKey.value === name);
  const [isCopying, setIsCopying] = useState(false);
  const [reads, setReads] = useState(0);
  const place: Place = { account: account(), namespace: view.namespace, key: name };
  useEffect(() => {
    newKey.value = undefined;
    const stop = new AbortController();
    const readIt = async (): Promise<void> => {
      try {
        const now = await readValue(place, stop.signal);
        if (now !== undefined) sizesIn(view.namespace).set(name, now.bytes.length);
        setRead({ stored: now });
      } catch (error) {
        if (!isAbort(error)) setRead({ failed: messageOf(error) });
      }
    };
    void readIt();
    return () => stop.abort();
  }, [reads]);
  const stored = read !== undefined && "stored" in read ? read.stored : undefined;
  const isRead = read !== undefined && "stored" in read;

  const written = (now: Stored): void => {
    setRead({ stored: now });
    setIsEditing(false);
    const { expiration, metadata } = now;
    sizesIn(view.namespace).set(name, now.bytes.length);
    view.listing.value.put({
      name,
      ...(expiration !== undefined && { expiration }),
      ...(metadata !== null && { metadata }),
    });
    say("Written.");
  };
  const remove = async (): Promise<void> => {
    if (!mayWrite.value || !(await askToDelete(view, name))) return;
    try {
      await deleteValue(place);
      view.listing.value.remove([name]);
      onClose();
      say("Deleted.");
    } catch (error) {
      setRead({ failed: messageOf(error) });
    }
  };
  useCommands(
    [
      { title: "Edit the value", key: "e", run: () => mayWrite.value && setIsEditing(true) },
      { title: "Read the value again", run: () => setReads(reads + 1) },
      { title: "Copy as command or code", key: "c", run: () => setIsCopying(true) },
      { title: "Delete this key", run: () => void remove() },
    ],
    [read],
  );
  return (
    <section class="value" aria-label="Value">
      <header class="value-head">
        <button class="quiet back" onClick={onClose} aria-label="Back to the list">
          ←
        </button>
        <h2>
          <Name text={name} />
        </h2>
        <div class="buttons">
          {isRead && !isEditing ? (
            <>
              {mayWrite.value ? (
                <button class="primary" aria-keyshortcuts="e" onClick={() => setIsEditing(true)}>
                  {stored === undefined ? "Write it" : "Edit"}
                </button>
              ) : null}
              {stored === undefined ? null : (
                <button onClick={() => download(new Blob([stored.bytes]), name)}>Download</button>
              )}
            </>
          ) : null}
          <button aria-keyshortcuts="c" onClick={() => setIsCopying(true)}>
            Copy as…
          </button>
          {stored !== undefined && mayWrite.value && !isEditing ? (
            <button class="danger-quiet" onClick={() => void remove()}>
              Delete
            </button>
          ) : null}
          <button class="quiet" aria-label="Read again" title="Read again" onClick={() => setReads(reads + 1)}>
            ↻
          </button>
        </div>
      </header>
      <Body read={read} isEditing={isEditing} place={place} onWritten={written} onCancel={() => setIsEditing(false)} />
      {isCopying ? <SnippetsDialog place={place} onClose={() => setIsCopying(false)} /> : null}
    </section>
  );
}

function Body({
  read,
  isEditing,
  place,
  onWritten,
  onCancel,
}: {
  readonly read: Read;
  readonly isEditing: boolean;
  readonly place: Place;
  readonly onWritten: (stored: Stored) => void;
  readonly onCancel: () => void;
}) {
  if (read === undefined) return <p class="hint">Reading…</p>;
  if ("failed" in read) {
    return <Alert>{read.failed}</Alert>;
  }
  const { stored } = read;
  if (isEditing) return <ValueEditor place={place} before={stored} onWritten={onWritten} onCancel={onCancel} />;
  if (stored === undefined) return <p class="hint">There is no such key now.</p>;
  return (
    <>
      <Facts stored={stored} />
      <ValueView stored={stored} />
    </>
  );
}

function Facts({ stored: { bytes, metadata, expiration } }: { readonly stored: Stored }) {
  return (
    <dl class="facts-list">
      <div>
        <dt>Size</dt>
        <dd>{bytesText(bytes.length)}</dd>
      </div>
      <div>
        <dt>Expires</dt>
        <dd>{expiration === undefined ? "never" : `${momentText(expiration)} (${untilText(expiration)})`}</dd>
      </div>
      <div>
        <dt>Metadata</dt>
        <dd>{metadata === null ? "none" : <Name text={JSON.stringify(metadata)} />}</dd>
      </div>
    </dl>
  );
}

/** At a real account it asks twice. */
async function askToDelete(view: NamespaceView, name: string): Promise<boolean> {
  const body = (
    <p>
      <Name text={name} /> is deleted from <Name text={titleOf(view.namespace)} />
      {isRemote.value ? ", at the real account" : ""}.
    </p>
  );
  if (!(await ask("Delete this key?", { body, action: "Delete", isDangerous: true }))) return false;
  if (!isRemote.value) return true;
  return ask("Really, at the real account?", { body, action: "Delete for good", isDangerous: true, typed: "delete" });
}
