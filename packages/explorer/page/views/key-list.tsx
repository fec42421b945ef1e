import { useRef, useState } from "preact/hooks";
import type { TreeLine } from "../keys/tree.ts";
import { sizesIn } from "../state/app.ts";
import type { NamespaceView } from "../state/listings.ts";
import { show } from "../state/route.ts";
import { bytesText, momentText, plural, untilText } from "../text/figures.ts";
import { Name } from "./text.tsx";
import { useWindow } from "./use-window.ts";

export type Line = TreeLine;

export interface Lines {
  readonly count: number;
  at(i: number): Line;
}

const ROW_PIXELS = 32;
const PAGE_ROWS = 15;

/** The keys, of which only those are drawn that are seen; the arrows move through all of them. */
export function KeyList({
  view,
  lines,
  openKey,
}: {
  readonly view: NamespaceView;
  readonly lines: Lines;
  readonly openKey: string | undefined;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const anchor = useRef(0);
  const { first, end, height, top, slot, reveal } = useWindow(scroller, lines.count, ROW_PIXELS);
  const { table } = view.listing.value;
  const active = Math.min(chosen, Math.max(0, lines.count - 1));

  const go = (to: number): void => {
    const row = Math.max(0, Math.min(lines.count - 1, to));
    setChosen(row);
    reveal(row);
  };
  const nameAt = (i: number): string | undefined => {
    const line = lines.at(i);
    return line.kind === "key" ? table.name(line.row) : undefined;
  };
  const open = (i: number): void => {
    if (lines.count === 0) return;
    const line = lines.at(i);
    if (line.kind === "folder") toggleFolder(view, line.prefix);
    else if (line.kind === "key") show({ view: "keys", namespace: view.namespace, key: table.name(line.row) });
  };
  const select = (i: number, isRange: boolean): void => {
    const [from, to] = isRange ? [Math.min(anchor.current, i), Math.max(anchor.current, i)] : [i, i];
    const selected = new Set(view.selected.value);
    const isOn = isRange || !selected.has(nameAt(i) ?? "");
    for (let at = from; at <= to; at++) {
      const name = nameAt(at);
      if (name === undefined) continue;
      if (isOn) selected.add(name);
      else selected.delete(name);
    }
    anchor.current = i;
    view.selected.value = selected;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + PAGE_ROWS,
      PageUp: active - PAGE_ROWS,
      Home: 0,
      End: lines.count - 1,
    };
    const to = event.ctrlKey || event.metaKey ? undefined : moves[event.key];
    if (to !== undefined) {
      go(to);
      if (event.shiftKey) select(Math.max(0, Math.min(lines.count - 1, to)), true);
    } else if (event.key === "Enter") open(active);
    else if (event.key === " ") select(active, event.shiftKey);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const line = lines.count > 0 ? lines.at(active) : undefined;
      if (line?.kind !== "folder" || line.isOpen === (event.key === "ArrowRight")) return;
      toggleFolder(view, line.prefix);
    } else return;
    event.preventDefault();
  };

  const drawn = [];
  for (let i = first; i < end; i++) drawn.push(i);
  const isTree = view.isTree.value;
  return (
    <div
      ref={scroller}
      class="scroller"
      role={isTree ? "tree" : "listbox"}
      aria-label="Keys"
      aria-multiselectable="true"
      aria-activedescendant={lines.count > 0 ? `row-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div class="rows" role="presentation" style={{ height: `${height}px` }}>
        {drawn.map((i) => {
          const line = lines.at(i);
          return (
            <div
              key={slot(i)}
              id={`row-${i}`}
              class="row"
              role={isTree ? "treeitem" : "option"}
              aria-selected={line.kind === "key" && view.selected.value.has(table.name(line.row))}
              aria-level={isTree ? line.depth + 1 : undefined}
              aria-expanded={line.kind === "folder" ? line.isOpen : undefined}
              aria-posinset={isTree ? undefined : i + 1}
              aria-setsize={isTree ? undefined : lines.count}
              data-active={i === active}
              data-open={line.kind === "key" && table.name(line.row) === openKey}
              style={{ transform: `translateY(${top(i)}px)`, paddingInlineStart: `${8 + line.depth * 16}px` }}
              onClick={(event) => {
                setChosen(i);
                const isMark = event.target instanceof Element && event.target.closest(".check") !== null;
                if (event.shiftKey || event.ctrlKey || event.metaKey || isMark) select(i, event.shiftKey);
                else {
                  anchor.current = i;
                  open(i);
                }
              }}
            >
              <LineContent view={view} line={line} />
            </div>
          );
        })}
      </div>
      {lines.count === 0 && view.listing.value.state.value !== "listing" ? (
        <p class="hint empty" role="presentation">
          {table.size === 0 ? "No keys." : "No key of those that are loaded fits."}
        </p>
      ) : null}
    </div>
  );
}

function LineContent({ view, line }: { readonly view: NamespaceView; readonly line: Line }) {
  const { table } = view.listing.value;
  switch (line.kind) {
    case "folder":
      return (
        <>
          <span class="fold" aria-hidden="true">
            {line.isOpen ? "▾" : "▸"}
          </span>
          <Name text={line.label} />
          <span class="folder-count">{plural(line.count, "key")}</span>
        </>
      );
    case "more":
      return <span class="hint">and {plural(line.count, "more key")}: search to see them</span>;
    case "key": {
      const name = table.name(line.row);
      const [expiration, metadata] = [table.expiration(line.row), table.metadata(line.row)];
      const bytes = sizesIn(view.namespace).get(name);
      return (
        <>
          <span class="check" aria-hidden="true" data-on={view.selected.value.has(name)} />
          <Name text={line.label === "" ? name : line.label} />
          <span class="facts">
            {metadata === undefined || metadata === null ? null : (
              <span class="fact metadata">
                <Name text={short(JSON.stringify(metadata))} />
              </span>
            )}
            {bytes === undefined ? null : <span class="fact">{bytesText(bytes)}</span>}
            {expiration === undefined ? null : (
              <span class="fact" title={momentText(expiration)}>
                {untilText(expiration)}
              </span>
            )}
          </span>
        </>
      );
    }
  }
}

function toggleFolder(view: NamespaceView, prefix: string): void {
  const open = new Set(view.openFolders.value);
  if (!open.delete(prefix)) open.add(prefix);
  view.openFolders.value = open;
}

/** The most characters of metadata in a row. */
const MOST_SHOWN = 60;

function short(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
