import { signal, type Signal } from "@preact/signals";

/** Whether something is written in the editor that is nowhere else. */
export const isDrafting: Signal<boolean> = signal(false);

addEventListener("beforeunload", (event) => {
  if (isDrafting.value) event.preventDefault();
});

/** The new key that the user wants to write: its pane opens with the editor. */
export const newKey: Signal<string | undefined> = signal(undefined);
