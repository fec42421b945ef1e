import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Rows } from "../keys/rows.ts";
import { guessSeparator, treeLines, type TreeLine } from "../keys/tree.ts";
import { mayWrite, namespaces, sizesIn } from "../state/app.ts";
import { listPrefix, viewOf, type NamespaceView } from "../state/listings.ts";
import { show } from "../state/route.ts";
import { useCommands } from "../state/shortcuts.ts";
import { KeyList, type Line } from "./key-list.tsx";
import { ListingBar } from "./listing-bar.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { Toolbar } from "./toolbar.tsx";
import { NewKey } from "./new-key.tsx";
import { ValuePane } from "./value-pane.tsx";

/** The keys of a namespace, and the value of one of them. */
export function KeysView({ namespace, openKey }: { readonly namespace: string; readonly openKey: string | undefined }) {
  const view = viewOf(namespace);
  const [isNew, setIsNew] = useState(false);
  const { rows, lines } = useLines(view);
  const close = (): void => show({ view: "keys", namespace });
  useCommands(
    [
      { title: "Search names", key: "/", run: () => document.getElementById("search")?.focus() },
      { title: "List names that begin with a prefix", key: "p", run: () => document.getElementById("prefix")?.focus() },
      { title: "New key", key: "n", run: () => mayWrite.value && setIsNew(true) },
      { title: "Tree or list", key: "t", run: () => void (view.isTree.value = !view.isTree.value) },
      { title: "List anew", key: "r", run: () => void listPrefix(view, view.listing.value.place.prefix, true) },
      { title: "Select all that is shown", key: "Control+a", run: () => selectAll(view, rows) },
      { title: "Back to the list", key: "Escape", run: close },
    ],
    [view, rows],
  );
  if (!namespaces.value.some(({ id }) => id === namespace)) {
    return <p class="hint">There is no such namespace.</p>;
  }
  return (
    <section class="keys" data-open={openKey !== undefined} aria-label="Keys">
      <div class="list-side">
        <Toolbar view={view} onNew={() => setIsNew(true)} />
        <ListingBar view={view} shown={rows.length} />
        <KeyList view={view} lines={lines} openKey={openKey} />
        <SelectionBar view={view} />
      </div>
      {openKey === undefined ? (
        <p class="hint no-key">Choose a key to see its value.</p>
      ) : (
        <ValuePane key={openKey} view={view} name={openKey} onClose={close} />
      )}
      {isNew ? <NewKey view={view} onClose={() => setIsNew(false)} /> : null}
    </section>
  );
}

/** The rows that are shown, and the lines of the list or the tree. */
function useLines(view: NamespaceView): { rows: Uint32Array; lines: { readonly count: number; at(i: number): Line } } {
  const listing = view.listing.value;
  const { table } = listing;
  const edition = listing.edition.value;
  const query = useDeferred(view.query.value);
  const order = view.isTree.value ? "name" : view.order.value;
  // While it streams, only what is new is looked at.
  const finder = useMemo(() => new Rows(table, query, order, sizesIn(view.namespace)), [table, edition, query, order]);
  const version = listing.version.value;
  const rows = useMemo(() => finder.update(), [finder, version]);
  const separator = useComputed(() => view.separator.value ?? guess(view)).value;
  const open = view.openFolders.value;
  const lines = useMemo(() => {
    if (!view.isTree.value) {
      return { count: rows.length, at: (i: number): Line => ({ kind: "key", row: rows[i]!, label: "", depth: 0 }) };
    }
    const all: TreeLine[] = treeLines(table, rows, separator, open);
    return { count: all.length, at: (i: number): Line => all[i]! };
  }, [rows, separator, open, view.isTree.value]);
  return { rows, lines };
}

/** The query runs once the user stops typing: a million names take a moment. */
function useDeferred<Value>(value: Value): Value {
  const [taken, setTaken] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setTaken(value), 80);
    return () => clearTimeout(timer);
  }, [value]);
  return taken;
}

const MOST_LOOKED_AT = 1000;

function guess(view: NamespaceView): string {
  const { table, version } = view.listing.value;
  const some = Math.min(MOST_LOOKED_AT, version.value > 0 ? table.size : 0);
  return guessSeparator(Array.from({ length: some }, (_, row) => table.name(row)));
}

function selectAll(view: NamespaceView, rows: Uint32Array): void {
  const { table } = view.listing.value;
  view.selected.value = new Set(Array.from(rows, (row) => table.name(row)));
}
