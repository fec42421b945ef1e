import { useState } from "preact/hooks";
import { plural } from "../text/figures.ts";
import { Name } from "./text.tsx";

/** How many members are shown at first, and with each "more". */
const AT_ONCE = 100;

/** A string that is longer is cut. */
const MOST_CHARACTERS = 2000;

/** JSON as a tree: what is folded is not drawn. */
export function JsonTree({ value, depth = 0 }: { readonly value: unknown; readonly depth?: number }) {
  if (typeof value !== "object" || value === null) return <Leaf value={value} />;
  return <Members value={value} depth={depth} />;
}

function Members({ value, depth }: { readonly value: object; readonly depth: number }) {
  const [most, setMost] = useState(AT_ONCE);
  const isArray = Array.isArray(value);
  const names = isArray ? undefined : Object.keys(value);
  const count = isArray ? value.length : names!.length;
  const shown = Math.min(most, count);
  const items = [];
  for (let i = 0; i < shown; i++) {
    const name = names?.[i] ?? String(i);
    items.push(<Member key={name} name={name} value={(value as Record<string, unknown>)[name]} depth={depth} />);
  }
  return (
    <ul>
      {items}
      {shown < count ? (
        <li>
          <button onClick={() => setMost(most + 10 * AT_ONCE)}>{plural(count - shown, "more member")}</button>
        </li>
      ) : null}
    </ul>
  );
}

function Member({ name, value, depth }: { readonly name: string; readonly value: unknown; readonly depth: number }) {
  const [isOpen, setIsOpen] = useState(depth < 1);
  if (typeof value !== "object" || value === null) {
    return (
      <li>
        <span class="member">
          <Name text={name} />
        </span>
        <Leaf value={value} />
      </li>
    );
  }
  const count = Array.isArray(value) ? plural(value.length, "item") : plural(Object.keys(value).length, "member");
  return (
    <li>
      <button class="quiet fold-button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> <Name text={name} /> <span class="hint">{count}</span>
      </button>
      {isOpen ? <JsonTree value={value} depth={depth + 1} /> : null}
    </li>
  );
}

function Leaf({ value }: { readonly value: unknown }) {
  const kind = value === null ? "null" : typeof value;
  const text = JSON.stringify(value) ?? "";
  return (
    <span class={`leaf ${kind}`}>
      <Name text={text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text} />
    </span>
  );
}
