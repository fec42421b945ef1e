import type { KeyTable } from "./key-table.ts";

/** A line of the tree. */
export type TreeLine =
  | {
      readonly kind: "folder";
      /** What all names in it begin with, the separator at its end. */
      readonly prefix: string;
      readonly label: string;
      readonly count: number;
      readonly depth: number;
      readonly isOpen: boolean;
    }
  | { readonly kind: "key"; readonly row: number; readonly label: string; readonly depth: number }
  /** Keys and folders that one folder has beyond {@link MOST_LINES}. */
  | { readonly kind: "more"; readonly prefix: string; readonly count: number; readonly depth: number };

/** The most lines directly in one folder: who has more of them searches. */
export const MOST_LINES = 10_000;

/** The characters that names are likely divided by. */
const SEPARATORS = [":", "/", "|", ".", "_", "-"] as const;

/** The separator that most of some names have; `:` where none has any. */
export function guessSeparator(names: readonly string[]): string {
  let [best, most] = [":", 0];
  for (const separator of SEPARATORS) {
    // What stands earlier in the list is the likelier one.
    const count = names.filter((name) => name.includes(separator)).length;
    if (count > 1.2 * most) [best, most] = [separator, count];
  }
  return best;
}

/**
 * The lines of the tree with these folders open. Names that begin alike are next to each other in a listing, so the end of
 * a folder is searched by halves, and a million keys take no longer than what is shown.
 *
 * @param rows The rows that are shown, in the order of the listing.
 */
export function treeLines(
  table: KeyTable,
  rows: Uint32Array,
  separator: string,
  open: ReadonlySet<string>,
): TreeLine[] {
  const lines: TreeLine[] = [];
  add("", 0, rows.length, 0);
  return lines;

  function add(prefix: string, from: number, to: number, depth: number): void {
    let added = 0;
    for (let i = from; i < to;) {
      if (added++ === MOST_LINES) {
        lines.push({ kind: "more", prefix, count: to - i, depth });
        return;
      }
      const name = table.name(rows[i]!);
      const at = name.indexOf(separator, prefix.length);
      // A name that ends with the separator is a key, and no folder within itself.
      const folder = at === -1 ? undefined : name.slice(0, at + separator.length);
      if (folder === undefined || folder === name) {
        lines.push({ kind: "key", row: rows[i]!, label: name.slice(prefix.length), depth });
        i++;
        continue;
      }
      const end = endOf(folder, i, to);
      const isOpen = open.has(folder);
      const label = folder.slice(prefix.length);
      lines.push({ kind: "folder", prefix: folder, label, count: end - i, depth, isOpen });
      if (isOpen) add(folder, i, end, depth + 1);
      i = end;
    }
  }

  /** The first place from here on where names begin with something else. */
  function endOf(prefix: string, from: number, to: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (table.name(rows[middle]!).startsWith(prefix)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
