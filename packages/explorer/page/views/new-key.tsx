import { useState } from "preact/hooks";
import { newKey } from "../state/drafts.ts";
import type { NamespaceView } from "../state/listings.ts";
import { show } from "../state/route.ts";
import { Dialog } from "./dialog.tsx";

const MOST_BYTES = 512;

/** Asks for the name of a key; the rest is done where values are edited. */
export function NewKey({ view, onClose }: { readonly view: NamespaceView; readonly onClose: () => void }) {
  const [name, setName] = useState(view.listing.value.place.prefix);
  const bytes = new TextEncoder().encode(name).length;
  const refusal =
    name === "." || name === ".."
      ? "KV does not allow the keys . and .. ."
      : bytes > MOST_BYTES
        ? `A key may hold ${MOST_BYTES} bytes, and this one holds ${bytes}.`
        : undefined;
  return (
    <Dialog title="New key" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name === "" || refusal !== undefined) return;
          newKey.value = name;
          onClose();
          show({ view: "keys", namespace: view.namespace, key: name });
        }}
      >
        <label class="field">
          <span>Name</span>
          <input
            value={name}
            autofocus
            onInput={(event) => setName(event.currentTarget.value)}
            autocomplete="off"
            spellcheck={false}
            required
          />
        </label>
        {refusal === undefined ? null : <p class="warning">{refusal}</p>}
        <div class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="primary" disabled={name === "" || refusal !== undefined}>
            Next
          </button>
        </div>
      </form>
    </Dialog>
  );
}
