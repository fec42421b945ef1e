import { useEffect, useState } from "preact/hooks";
import type { Expiry } from "../keys/query.ts";
import type { Order } from "../keys/rows.ts";
import { mayWrite } from "../state/app.ts";
import { listPrefix, type NamespaceView } from "../state/listings.ts";
import { MoreMenu } from "./more-menu.tsx";

/** What is searched, and how it is shown. */
export function Toolbar({ view, onNew }: { readonly view: NamespaceView; readonly onNew: () => void }) {
  const { query, order, isTree, separator } = view;
  const change = (changed: Partial<typeof query.value>): void => {
    query.value = { ...query.value, ...changed };
  };
  return (
    <div class="toolbar">
      <input
        id="search"
        type="search"
        value={query.value.text}
        placeholder="Search names: text, or * and ?"
        aria-label="Search in the names that are loaded"
        aria-keyshortcuts="/"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <Prefix view={view} />
      <details class="filters">
        <summary>Filter and sort</summary>
        <div class="fields">
          <label>
            <span>Metadata</span>
            <input
              value={query.value.metadata}
              placeholder="pr=123, pr!=123, pr"
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => change({ metadata: event.currentTarget.value })}
            />
          </label>
          <label>
            <span>Expires</span>
            <select
              value={query.value.expiry}
              onChange={(event) => change({ expiry: event.currentTarget.value as Expiry })}
            >
              <option value="any">whenever</option>
              <option value="hour">within an hour</option>
              <option value="day">within a day</option>
              <option value="week">within a week</option>
              <option value="some">some time</option>
              <option value="never">never</option>
            </select>
          </label>
          <label>
            <span>Size, where known</span>
            <select
              value={query.value.leastBytes}
              onChange={(event) => change({ leastBytes: Number(event.currentTarget.value) })}
            >
              <option value={0}>any</option>
              <option value={1000}>1 kB or more</option>
              <option value={100_000}>100 kB or more</option>
              <option value={1_000_000}>1 MB or more</option>
            </select>
          </label>
          <label>
            <span>Order</span>
            <select
              value={order.value}
              disabled={isTree.value}
              onChange={(event) => void (order.value = event.currentTarget.value as Order)}
            >
              <option value="name">name</option>
              <option value="name-down">name, from the end</option>
              <option value="expiration">what expires first</option>
            </select>
          </label>
          <label>
            <span>Folders end with</span>
            <input
              class="separator"
              value={separator.value ?? ""}
              placeholder="guessed"
              maxLength={8}
              onInput={(event) => void (separator.value = event.currentTarget.value || undefined)}
            />
          </label>
        </div>
      </details>
      <div class="buttons">
        <button aria-pressed={isTree.value} aria-keyshortcuts="t" onClick={() => void (isTree.value = !isTree.value)}>
          Tree
        </button>
        {mayWrite.value ? (
          <button class="primary" aria-keyshortcuts="n" onClick={onNew}>
            New key
          </button>
        ) : null}
        <MoreMenu view={view} />
      </div>
    </div>
  );
}

/** Names that begin with something are a listing of their own, which the API makes: it costs no more than what it finds. */
function Prefix({ view }: { readonly view: NamespaceView }) {
  const { prefix } = view.listing.value.place;
  const [text, setText] = useState(prefix);
  useEffect(() => setText(prefix), [prefix]);
  return (
    <form
      class="prefix"
      onSubmit={(event) => {
        event.preventDefault();
        void listPrefix(view, text);
      }}
    >
      <input
        id="prefix"
        value={text}
        placeholder="Prefix"
        aria-label="List the names that begin with this prefix"
        aria-keyshortcuts="p"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button disabled={text === prefix}>List</button>
    </form>
  );
}
