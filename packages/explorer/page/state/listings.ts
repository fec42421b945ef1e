import { signal, type Signal } from "@preact/signals";
import { Listing } from "../keys/listing.ts";
import { EVERYTHING, type Query } from "../keys/query.ts";
import type { Order } from "../keys/rows.ts";
import { account, isRemote, namesDb } from "./app.ts";

/** What one sees of a namespace, for as long as its tab is open. */
export interface NamespaceView {
  readonly namespace: string;
  readonly listing: Signal<Listing>;
  readonly query: Signal<Query>;
  readonly order: Signal<Order>;
  readonly isTree: Signal<boolean>;
  /** `undefined` for a guess. */
  readonly separator: Signal<string | undefined>;
  readonly openFolders: Signal<ReadonlySet<string>>;
  readonly selected: Signal<ReadonlySet<string>>;
}

const views: Map<string, NamespaceView> = new Map();

/** The view of a namespace, which begins to list it when it is first asked for. */
export function viewOf(namespace: string): NamespaceView {
  let view = views.get(namespace);
  if (view === undefined) {
    view = {
      namespace,
      listing: signal(listingOf(namespace, "")),
      query: signal(EVERYTHING),
      order: signal<Order>("name"),
      isTree: signal(false),
      separator: signal(undefined),
      openFolders: signal(new Set<string>()),
      selected: signal(new Set<string>()),
    };
    views.set(namespace, view);
  }
  return view;
}

/** Lists the names that begin with a prefix, in place of what is listed. @param anew Whether what is kept is no good. */
export async function listPrefix(view: NamespaceView, prefix: string, anew = false): Promise<void> {
  const before = view.listing.value;
  if (anew) await before.forget();
  else before.stop();
  view.selected.value = new Set();
  view.listing.value = listingOf(view.namespace, prefix);
}

/** Forgets a namespace whose tab was closed. */
export function forgetView(namespace: string): void {
  views.get(namespace)?.listing.value.stop();
  views.delete(namespace);
}

/** Data on this machine cost nothing, and are listed to their end; of an account the first thousand, and then one is asked. */
function listingOf(namespace: string, prefix: string): Listing {
  const listing = new Listing({ account: account(), namespace, prefix }, namesDb());
  void listing.begin(!isRemote.value);
  return listing;
}
