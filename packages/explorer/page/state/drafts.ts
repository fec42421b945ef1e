import { signal, type Signal } from "@preact/signals";

/** The key that somebody wants to write anew: its pane opens with the editor. */
export const newKey: Signal<string | undefined> = signal(undefined);
