import { signal, type Signal } from "@preact/signals";
import { isDrafting } from "./drafts.ts";

/** What is shown. */
export type Route =
  | { readonly view: "home" }
  | { readonly view: "keys"; readonly namespace: string; readonly key?: string }
  | { readonly view: "compare" }
  | { readonly view: "live" };

export const route: Signal<Route> = signal(parse(location.hash));
/** The namespaces that are open as tabs. */
export const tabs: Signal<readonly string[]> = signal([]);

addEventListener("hashchange", () => follow());
follow();

/** Returns the address of a route. */
export function hrefOf(to: Route): string {
  switch (to.view) {
    case "keys": {
      const key = to.key === undefined ? "" : `/key/${encodeURIComponent(to.key)}`;
      return `#/ns/${encodeURIComponent(to.namespace)}${key}`;
    }
    case "home":
      return "#/";
    case "compare":
    case "live":
      return `#/${to.view}`;
  }
}

/** Navigates. @param replace Whether to replace the current entry of the history. */
export function show(to: Route, replace = false): void {
  const href = hrefOf(to);
  if (href === location.hash) return;
  if (replace) {
    history.replaceState(null, "", href);
    follow();
  } else location.hash = href;
}

/** Closes a tab, and shows the one beside it. */
export function closeTab(namespace: string): void {
  const at = tabs.value.indexOf(namespace);
  tabs.value = tabs.value.filter((one) => one !== namespace);
  const current = route.value;
  if (current.view !== "keys" || current.namespace !== namespace) return;
  const next = tabs.value[Math.max(0, at - 1)];
  show(next === undefined ? { view: "home" } : { view: "keys", namespace: next }, true);
}

function follow(): void {
  const now = parse(location.hash);
  // The browser's own question: the way there is gone already, and only it can be asked at once.
  if (isDrafting.value && !confirm("Leave what you have changed, without writing it?")) {
    history.replaceState(null, "", hrefOf(route.value));
    return;
  }
  isDrafting.value = false;
  route.value = now;
  if (now.view === "keys" && !tabs.value.includes(now.namespace)) tabs.value = [...tabs.value, now.namespace];
}

function parse(hash: string): Route {
  const [, view, namespace, what, key] = hash.split("/");
  if (view === "ns" && namespace !== undefined) {
    const id = decode(namespace);
    return what === "key" && key !== undefined
      ? { view: "keys", namespace: id, key: decode(key) }
      : { view: "keys", namespace: id };
  }
  return view === "compare" || view === "live" ? { view } : { view: "home" };
}

/** A typed address may hold an invalid percent-encoding. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
