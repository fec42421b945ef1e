import { signal, type Signal } from "@preact/signals";

/** What lies over the page. */
export const overlay: Signal<"palette" | "help" | undefined> = signal(undefined);
