import { signal, type Signal } from "@preact/signals";
import { Listing } from "../keys/listing.ts";
import { EVERYTHING, type Query } from "../keys/query.ts";
import type { Order } from "../keys/rows.ts";
import { account, isRemote, namesDb } from "./app.ts";

/** The view of a namespace, as long as its tab is open. */
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

/** Returns the view of a namespace; starts its listing on the first call. */
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

/** Lists the names with a prefix, in place of the current listing. @param anew Whether to drop what is kept of them. */
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

/** Local data cost no requests and are listed to the end; of an account, the first thousand names, then the user decides. */
function listingOf(namespace: string, prefix: string): Listing {
  const listing = new Listing({ account: account(), namespace, prefix }, namesDb());
  void listing.begin(!isRemote.value);
  return listing;
}
