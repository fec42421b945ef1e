/**
 * Keys of the keyboard, and the commands of the palette: a view registers its own for as long as it is shown.
 *
 * @module
 */
import { signal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** A command that the current view offers. */
export interface Command {
  /** What it does, as the palette shows it. */
  readonly title: string;
  /** A key, such as `n`, or `Control+k`. */
  readonly key?: string;
  run(): void;
}

/** The commands of the views that are shown; later ones go first. */
const commands: Signal<readonly (readonly Command[])[]> = signal([]);

/** Offers commands for as long as a view is shown. */
export function useCommands(offered: readonly Command[], inputs: readonly unknown[]): void {
  useEffect(() => {
    commands.value = [...commands.peek(), offered];
    return () => {
      commands.value = commands.peek().filter((some) => some !== offered);
    };
    // The caller says when they change.
  }, inputs);
}

/** Returns all commands, the last registered first. */
export function allCommands(): Command[] {
  return commands.value.toReversed().flat();
}

/** Runs the command of a key, but not while the user types, and not behind a dialog. */
export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    const pressed = `${event.ctrlKey || event.metaKey ? "Control+" : ""}${event.key}`;
    // Seen from here, what happens in the editor's shadow root happens to its host.
    const [target] = event.composedPath();
    const isWriting = target instanceof Element && target.closest("input, textarea, select, [contenteditable]");
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    if (isWriting && !pressed.startsWith("Control+")) return;
    const command = allCommands().find(({ key }) => key === pressed);
    if (command === undefined) return;
    event.preventDefault();
    command.run();
  });
}
