import { effect, signal, type Signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEPT = "kvplug-theme";

/** The colours: those of the system, unless the user chose others. */
export const theme: Signal<Theme> = signal(kept());

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
  try {
    localStorage.setItem(KEPT, theme.value);
  } catch {
    // Without storage, the choice lasts until the page is closed.
  }
});

/** The next of the three. */
export function nextTheme(): void {
  theme.value = theme.value === "system" ? "light" : theme.value === "light" ? "dark" : "system";
}

function kept(): Theme {
  try {
    const found = localStorage.getItem(KEPT);
    return found === "light" || found === "dark" ? found : "system";
  } catch {
    return "system";
  }
}
