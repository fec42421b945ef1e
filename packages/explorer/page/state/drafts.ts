import { signal, type Signal } from "@preact/signals";

/** The new key that the user wants to write: its pane opens with the editor. */
export const newKey: Signal<string | undefined> = signal(undefined);
