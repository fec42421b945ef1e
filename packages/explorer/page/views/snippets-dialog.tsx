import { useState } from "preact/hooks";
import type { Place } from "../api/values.ts";
import { about, titleOf } from "../state/app.ts";
import { snippetsOf, wranglerSnippetsOf } from "../values/snippets.ts";
import { Dialog } from "./dialog.tsx";
import { Block } from "./text.tsx";

/** Commands and code that read the key. */
export function SnippetsDialog({ place, onClose }: { readonly place: Place; readonly onClose: () => void }) {
  const [copied, setCopied] = useState<string>();
  const apiURL = about.value?.apiURL;
  const snippets =
    apiURL === undefined ? wranglerSnippetsOf(titleOf(place.namespace), place.key) : snippetsOf(place, apiURL);
  return (
    <Dialog title="Copy as command or code" onClose={onClose} isWide>
      {apiURL === undefined ? null : <p class="hint">None holds a token: they take it from CLOUDFLARE_API_TOKEN.</p>}
      {snippets.map(({ title, text }) => (
        <section key={title} class="snippet">
          <div class="bar">
            <h3>{title}</h3>
            <button
              onClick={() => {
                void navigator.clipboard.writeText(text).then(() => setCopied(title));
              }}
            >
              {copied === title ? "Copied" : `Copy ${title}`}
            </button>
          </div>
          <Block text={text} label={title} />
        </section>
      ))}
    </Dialog>
  );
}
