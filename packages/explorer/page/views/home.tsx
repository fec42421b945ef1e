import { useState } from "preact/hooks";
import { messageOf } from "../api/http.ts";
import { createNamespace, deleteNamespace, renameNamespace, type Namespace } from "../api/namespaces.ts";
import { about, account, isRemote, mayWrite, namespaces, refreshNamespaces, say } from "../state/app.ts";
import { forgetView } from "../state/listings.ts";
import { closeTab, hrefOf, show } from "../state/route.ts";
import { useCommands } from "../state/shortcuts.ts";
import { plural } from "../text/figures.ts";
import { plainText } from "../text/visible.ts";
import { Alert } from "./alert.tsx";
import { ask, Dialog } from "./dialog.tsx";
import { Name } from "./text.tsx";

/** The namespaces of the account. */
export function Home() {
  const [text, setText] = useState("");
  const [titled, setTitled] = useState<Namespace | "new" | undefined>();
  const lower = text.toLowerCase();
  const shown = namespaces.value.filter(({ id, title }) => title.toLowerCase().includes(lower) || id.includes(lower));
  useCommands(
    [
      { title: "New namespace", key: "n", run: () => mayWrite.value && setTitled("new") },
      { title: "Search namespaces", key: "/", run: () => document.getElementById("namespace-search")?.focus() },
      ...namespaces.value.map(({ id, title }) => ({
        title: `Open ${plainText(title)}`,
        run: () => show({ view: "keys", namespace: id }),
      })),
    ],
    [namespaces.value],
  );
  return (
    <section class="home" aria-labelledby="home-title">
      <div class="bar">
        <h2 id="home-title">Namespaces</h2>
        <p class="hint">
          {plural(namespaces.value.length, "namespace")} of {plainText(about.value?.label ?? "")}
        </p>
        <input
          id="namespace-search"
          type="search"
          value={text}
          placeholder="Search titles and ids"
          aria-label="Search namespaces"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button onClick={() => void refreshNamespaces()}>Refresh</button>
        {mayWrite.value ? (
          <button class="primary" onClick={() => setTitled("new")}>
            New namespace
          </button>
        ) : null}
      </div>
      <ul class="namespaces">
        {shown.map((one) => (
          <li key={one.id}>
            <a href={hrefOf({ view: "keys", namespace: one.id })}>
              <Name text={one.title} />
              <code>{one.id}</code>
            </a>
            {mayWrite.value ? (
              <span class="row-actions">
                <button onClick={() => setTitled(one)} aria-label={`Rename ${plainText(one.title)}`}>
                  Rename
                </button>
                <button
                  class="danger-quiet"
                  onClick={() => void remove(one)}
                  aria-label={`Delete ${plainText(one.title)}`}
                >
                  Delete
                </button>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {shown.length === 0 ? (
        <p class="hint">{text === "" ? "There is none yet." : "None has that in its title or id."}</p>
      ) : null}
      {titled === undefined ? null : <TitleDialog of={titled} onClose={() => setTitled(undefined)} />}
    </section>
  );
}

function TitleDialog({ of, onClose }: { readonly of: Namespace | "new"; readonly onClose: () => void }) {
  const [title, setTitle] = useState(of === "new" ? "" : of.title);
  const [failed, setFailed] = useState<string>();
  const save = async (): Promise<void> => {
    try {
      if (of === "new") await createNamespace(account(), title);
      else await renameNamespace(account(), of.id, title);
      await refreshNamespaces();
      say(of === "new" ? "The namespace is created." : "The namespace is renamed.");
      onClose();
    } catch (error) {
      setFailed(messageOf(error));
    }
  };
  return (
    <Dialog title={of === "new" ? "New namespace" : "Rename namespace"} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label class="field">
          <span>Title</span>
          <input
            autofocus
            value={title}
            onInput={(event) => setTitle(event.currentTarget.value)}
            autocomplete="off"
            required
          />
        </label>
        <Alert>{failed}</Alert>
        <div class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="primary">{of === "new" ? "Create" : "Rename"}</button>
        </div>
      </form>
    </Dialog>
  );
}

async function remove({ id, title }: Namespace): Promise<void> {
  const yes = await ask("Delete this namespace?", {
    body: (
      <p>
        <Name text={title} /> is deleted with all that is in it{isRemote.value ? ", at the real account" : ""}. This
        cannot be undone.
      </p>
    ),
    action: "Delete the namespace",
    isDangerous: true,
    typed: title,
  });
  if (!yes) return;
  try {
    await deleteNamespace(account(), id);
    closeTab(id);
    forgetView(id);
    say("The namespace is deleted.");
  } catch (error) {
    await ask("The namespace is not deleted", { body: <p>{messageOf(error)}</p>, action: "Close" });
  }
  await refreshNamespaces();
}
