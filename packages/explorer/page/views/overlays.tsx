import { useState } from "preact/hooks";
import { overlay } from "../state/overlay.ts";
import { show } from "../state/route.ts";
import { allCommands, useCommands, type Command } from "../state/shortcuts.ts";
import { nextTheme } from "../state/theme.ts";
import { Dialog } from "./dialog.tsx";

/** What can be done everywhere. */
const EVERYWHERE: readonly Command[] = [
  { title: "Commands", key: "Control+k", run: () => void (overlay.value = "palette") },
  { title: "Keys of the keyboard", key: "?", run: () => void (overlay.value = "help") },
  { title: "Namespaces", run: () => show({ view: "home" }) },
  { title: "Compare two namespaces", run: () => show({ view: "compare" }) },
  { title: "Live: requests, budget, faults", run: () => show({ view: "live" }) },
  { title: "Other colours", run: nextTheme },
];

/** The palette, and the list of keys. */
export function Overlays() {
  useCommands(EVERYWHERE, []);
  const close = (): void => void (overlay.value = undefined);
  if (overlay.value === "palette") return <Palette onClose={close} />;
  if (overlay.value === "help") return <Help onClose={close} />;
  return null;
}

function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const words = text.toLowerCase().split(/\s+/);
  const found = allCommands()
    .filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)))
    .slice(0, 50);
  const active = Math.min(chosen, Math.max(0, found.length - 1));
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    // Behind the dialog, which would take the focus back.
    setTimeout(() => command.run());
  };
  return (
    <Dialog title="Commands" onClose={onClose}>
      <input
        class="palette-input"
        autofocus
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length > 0 ? `command-${active}` : undefined}
        value={text}
        autocomplete="off"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setChosen(Math.min(found.length - 1, active + 1));
          else if (event.key === "ArrowUp") setChosen(Math.max(0, active - 1));
          else if (event.key === "Enter") run(found[active]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="palette-list" class="palette" role="listbox" aria-label="Commands">
        {found.map((command, i) => (
          <li
            key={`${i} ${command.title}`}
            id={`command-${i}`}
            role="option"
            aria-selected={i === active}
            onClick={() => run(command)}
          >
            <span>{command.title}</span>
            {command.key === undefined ? null : <kbd>{keyText(command.key)}</kbd>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

const IN_THE_LIST: readonly (readonly [keys: string, does: string])[] = [
  ["↑ ↓ PageUp PageDown Home End", "move"],
  ["Enter", "show the value, or open and close a folder"],
  ["← →", "close and open a folder"],
  ["Space", "select or not"],
  ["Shift with ↑ ↓", "select a range"],
];

function Help({ onClose }: { readonly onClose: () => void }) {
  const keyed = allCommands().filter(({ key }) => key !== undefined);
  return (
    <Dialog title="Keys of the keyboard" onClose={onClose}>
      <table class="help">
        <tbody>
          {keyed.map(({ key, title }) => (
            <tr key={title}>
              <th scope="row">
                <kbd>{keyText(key!)}</kbd>
              </th>
              <td>{title}</td>
            </tr>
          ))}
          {IN_THE_LIST.map(([keys, does]) => (
            <tr key={keys}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>In the list: {does}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

function keyText(key: string): string {
  return key.replace("Control+", "Ctrl ").replace(/\b[a-z]$/, (letter) => letter.toUpperCase());
}
