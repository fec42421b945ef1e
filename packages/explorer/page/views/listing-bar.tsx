import { KEYS_PER_PAGE } from "../api/keys.ts";
import { budget, isRemote } from "../state/app.ts";
import { listPrefix, type NamespaceView } from "../state/listings.ts";
import { countText, plural } from "../text/figures.ts";

/** How many pages "some more" are. */
const SOME_PAGES = 10;

/** How far the listing is, what more of it costs, and how to stop it and go on. */
export function ListingBar({ view, shown }: { readonly view: NamespaceView; readonly shown: number }) {
  const listing = view.listing.value;
  const { state, failure, table, version, at } = listing;
  // Read, so that the bar renders again when more names arrive.
  void version.value;
  const isShownWhole = shown === table.size;
  const count = `${isShownWhole ? "" : `${countText(shown)} of `}${plural(table.size, "key")}`;
  return (
    <div class="listing-bar">
      <span class="count" role="status">
        {count}
        {state.value === "listing" ? " so far" : state.value === "whole" ? "" : ", and there are more"}
      </span>
      {state.value === "listing" ? <button onClick={() => listing.stop()}>Stop</button> : null}
      {state.value === "stopped" ? <More view={view} /> : null}
      {state.value === "failed" ? (
        <>
          <span class="warning" role="alert">
            {failure}
          </span>
          <button onClick={() => void listing.goOn(isRemote.value ? 1 : undefined)}>Go on</button>
        </>
      ) : null}
      {state.value === "whole" && listing.requests === 0 && table.size > 0 ? (
        <span class="hint">as listed at {new Date(at.value).toLocaleTimeString()}, kept in this browser</span>
      ) : null}
      <button
        class="quiet"
        aria-label="List anew"
        title="List anew (r)"
        onClick={() => void listPrefix(view, listing.place.prefix, true)}
      >
        ↻
      </button>
    </div>
  );
}

/** Nobody knows how many keys there are: what is said is what each thousand costs, and what is left. */
function More({ view }: { readonly view: NamespaceView }) {
  const listing = view.listing.value;
  const now = budget.value;
  return (
    <>
      <span class="hint">
        Each {countText(KEYS_PER_PAGE)} more cost one request
        {now === undefined ? "" : ` of the ${countText(now.left)} that are left`}.
      </span>
      <button onClick={() => void listing.goOn(SOME_PAGES)}>
        {countText(SOME_PAGES * KEYS_PER_PAGE)} more ({SOME_PAGES} requests)
      </button>
      <button onClick={() => void listing.goOn()}>All the others</button>
    </>
  );
}
