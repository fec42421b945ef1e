import { useRef, useState } from "preact/hooks";
import { messageOf } from "../api/http.ts";
import { sizesOf } from "../api/keys.ts";
import { exportLink, importFile, startJob } from "../api/process.ts";
import { account, isRemote, mayWrite, namespaces, say, sizesIn, titleOf } from "../state/app.ts";
import { onJobEnd } from "../state/job-ends.ts";
import { listPrefix, type NamespaceView } from "../state/listings.ts";
import { bytesText, plural } from "../text/figures.ts";
import { ask, Dialog } from "./dialog.tsx";
import { downloadFrom } from "./download.ts";
import { Name } from "./text.tsx";

/** What can be done with all of a namespace, or with all keys of its prefix. */
export function MoreMenu({ view }: { readonly view: NamespaceView }) {
  const [isCopying, setIsCopying] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const { prefix } = view.listing.value.place;
  const which = prefix === "" ? "all keys" : "all keys of the prefix";
  const then = (run: () => void) => (): void => {
    menu.current!.open = false;
    run();
  };
  // The dialog and the input stand beside the menu: in a closed one they would be hidden with it.
  return (
    <>
      <details class="menu" ref={menu}>
        <summary>More</summary>
        <div class="items">
          <button onClick={then(() => void exportAll(view))}>Export {which}</button>
          {mayWrite.value ? (
            <>
              <button onClick={then(() => file.current!.click())}>Import a file</button>
              <button onClick={then(() => void removeAll(view))}>Delete {which}</button>
            </>
          ) : null}
          <button onClick={then(() => setIsCopying(true))} disabled={!mayWrite.value || namespaces.value.length < 2}>
            Copy {which} to…
          </button>
          <button onClick={then(() => void estimate(view))}>Estimate the size</button>
        </div>
      </details>
      <input
        ref={file}
        type="file"
        hidden
        aria-label="File to import"
        accept=".ndjson,.json,.gz"
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (chosen !== undefined) void importInto(view, chosen);
        }}
      />
      {isCopying ? <CopyDialog view={view} onClose={() => setIsCopying(false)} /> : null}
    </>
  );
}

/** The process writes the file, which a browser that is closed meanwhile finds there later. */
async function exportAll(view: NamespaceView): Promise<void> {
  const { namespace, listing } = view;
  try {
    const id = await startJob({ kind: "export", namespace, prefix: listing.value.place.prefix });
    onJobEnd(id, ({ state }) => {
      if (state === "done") downloadFrom(exportLink(id, titleOf(namespace)));
    });
  } catch (error) {
    say(messageOf(error));
  }
}

async function importInto(view: NamespaceView, file: File): Promise<void> {
  const yes = await ask("Import this file?", {
    body: (
      <p>
        The records of <Name text={file.name} /> ({bytesText(file.size)}) are written into{" "}
        <Name text={titleOf(view.namespace)} />. Keys that are there already are replaced.
      </p>
    ),
    action: "Import",
  });
  if (!yes) return;
  try {
    await importFile(view.namespace, file);
  } catch (error) {
    say(messageOf(error));
  }
  await listPrefix(view, view.listing.value.place.prefix, true);
}

async function removeAll(view: NamespaceView): Promise<void> {
  const { prefix } = view.listing.value.place;
  const title = titleOf(view.namespace);
  const what = prefix === "" ? "Delete all keys?" : "Delete all keys of this prefix?";
  const body = (
    <p>
      Every key of <Name text={title} />
      {prefix === "" ? null : (
        <>
          {" "}
          that begins with <Name text={prefix} />
        </>
      )}{" "}
      is deleted, whether it is loaded here or not{isRemote.value ? ", at the real account" : ""}.
    </p>
  );
  if (!(await ask(what, { body, action: "Delete", isDangerous: true, typed: title }))) return;
  if (isRemote.value && !(await ask("Really?", { body, action: "Delete them all", isDangerous: true }))) return;
  const id = await startJob({ kind: "delete-prefix", namespace: view.namespace, prefix });
  onJobEnd(id, () => void listPrefix(view, prefix, true));
}

function CopyDialog({ view, onClose }: { readonly view: NamespaceView; readonly onClose: () => void }) {
  const others = namespaces.value.filter(({ id }) => id !== view.namespace);
  const [to, setTo] = useState(others[0]?.id ?? "");
  const { prefix } = view.listing.value.place;
  return (
    <Dialog title="Copy to another namespace" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void startJob({ kind: "copy", from: view.namespace, to, prefix }).catch((error: unknown) =>
            say(messageOf(error)),
          );
          onClose();
        }}
      >
        <p>
          {prefix === "" ? "All keys" : "The keys of the prefix"} with values, metadata and expirations. Keys that are
          there already are replaced.
        </p>
        <label class="field">
          <span>To</span>
          <select value={to} onChange={(event) => setTo(event.currentTarget.value)}>
            {others.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <div class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="primary">Copy</button>
        </div>
      </form>
    </Dialog>
  );
}

/** How many values are looked at. */
const SAMPLE = 100;

/** A hundred values, by chance, tell about how large all are: for one request. */
async function estimate(view: NamespaceView): Promise<void> {
  const { table, state } = view.listing.value;
  if (table.size === 0) return;
  const rows = new Set<number>();
  while (rows.size < Math.min(SAMPLE, table.size)) rows.add(Math.floor(Math.random() * table.size));
  const names = Array.from(rows, (row) => table.name(row));
  let body;
  try {
    const sizes = await sizesOf(account(), view.namespace, names);
    const known = sizesIn(view.namespace);
    let bytes = 0;
    for (const [name, size] of sizes) {
      known.set(name, size);
      bytes += size;
    }
    const mean = sizes.size === 0 ? 0 : bytes / sizes.size;
    const of = `${plural(table.size, "key")}${state.value === "whole" ? "" : " that are loaded"}`;
    body = (
      <p>
        About <strong>{bytesText(Math.round(mean * table.size))}</strong> of values in {of}:{" "}
        {plural(sizes.size, "value")}, chosen by chance, hold {bytesText(Math.round(mean))} each.
      </p>
    );
  } catch (error) {
    body = <p>The sample cannot be read: {messageOf(error)}</p>;
  }
  await ask("Size", { body, action: "Close" });
}
