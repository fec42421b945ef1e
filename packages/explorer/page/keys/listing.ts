import { signal, type Signal } from "@preact/signals";
import { isAbort, messageOf } from "../api/http.ts";
import { listKeys } from "../api/keys.ts";
import { KeyTable, type ListedKey } from "./key-table.ts";
import type { NamesDb } from "./names-db.ts";

/** The state of a listing. */
export type ListingState = "listing" | "stopped" | "whole" | "failed";

/** What is listed. */
export interface ListingPlace {
  readonly account: string;
  readonly namespace: string;
  readonly prefix: string;
}

/** The shortest time between two renderings of new names. */
const SHOWN_EVERY_MS = 100;

/** The names of a namespace that begin with a prefix, as they come. */
export class Listing {
  readonly place: ListingPlace;
  readonly table: KeyTable = new KeyTable();
  readonly state: Signal<ListingState> = signal<ListingState>("listing");
  /** Grows whenever what is shown may have changed. */
  readonly version: Signal<number> = signal(0);
  /** Grows whenever rows moved: positions found before are invalid then. */
  readonly edition: Signal<number> = signal(0);
  readonly failure: Signal<string | undefined> = signal<string | undefined>(undefined);
  /** When it was listed, in milliseconds since 1970. */
  readonly at: Signal<number> = signal(Date.now());
  /** Requests that it cost so far, in this page. */
  requests = 0;
  readonly #names: NamesDb | undefined;
  readonly #id: string;
  #cursor = "";
  #pages = 0;
  #isKept = true;
  #stop: AbortController = new AbortController();
  #shownAt = 0;

  constructor(place: ListingPlace, names: NamesDb | undefined) {
    this.place = place;
    this.#names = names;
    this.#id = JSON.stringify([place.account, place.namespace, place.prefix]);
  }

  /** Shows what is kept, or else the first page. @param goOn Whether it goes on by itself. */
  async begin(goOn: boolean): Promise<void> {
    const kept = await this.#names?.find(this.#id).catch(() => undefined);
    if (kept === undefined || this.#names === undefined) {
      await this.#names?.drop(this.#id).catch(() => {});
      return this.#list(goOn ? Number.POSITIVE_INFINITY : 1);
    }
    for await (const keys of this.#names.pages(kept)) {
      if (this.#stop.signal.aborted) return;
      this.table.append(keys);
      this.#show();
    }
    this.at.value = kept.at;
    this.#pages = kept.pages;
    this.#cursor = kept.cursor;
    this.state.value = kept.cursor === "" ? "whole" : "stopped";
    this.#show(true);
    if (goOn && kept.cursor !== "") await this.goOn();
  }

  /** Lists what is left, or so many pages of it. */
  async goOn(pages = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.state.value === "listing" || this.state.value === "whole") return;
    this.#stop = new AbortController();
    this.state.value = "listing";
    await this.#list(pages);
  }

  /** Stops; it can go on later. */
  stop(): void {
    this.#stop.abort();
    if (this.state.value === "listing") this.state.value = "stopped";
  }

  /** Forgets what is kept of it. */
  async forget(): Promise<void> {
    this.stop();
    await this.#names?.drop(this.#id).catch(() => {});
  }

  /** A key was written. */
  put(key: ListedKey): void {
    if (!key.name.startsWith(this.place.prefix)) return;
    // What comes later in the listing is listed then.
    const isBehind =
      this.table.size > 0 && this.state.value !== "whole" && -1 - this.table.find(key.name) === this.table.size;
    if (!isBehind) this.table.put(key);
    this.#changed();
  }

  /** Keys were deleted. */
  remove(names: readonly string[]): void {
    this.table.remove(new Set(names));
    this.#changed();
  }

  async #list(pages: number): Promise<void> {
    const { signal: stopped } = this.#stop;
    try {
      for (let listed = 0; listed < pages; listed++) {
        const { keys, cursor } = await listKeys(this.place, this.#cursor, stopped);
        this.requests++;
        this.table.append(keys);
        this.#cursor = cursor;
        this.#pages++;
        this.#keep(keys);
        this.failure.value = undefined;
        if (cursor === "") {
          this.state.value = "whole";
          break;
        }
        this.#show();
        if (stopped.aborted) return;
      }
      if (this.state.value === "listing") this.state.value = "stopped";
    } catch (error) {
      if (isAbort(error)) return;
      this.failure.value = messageOf(error);
      this.state.value = "failed";
    } finally {
      this.#show(true);
    }
  }

  #keep(keys: readonly ListedKey[]): void {
    if (!this.#isKept || this.#names === undefined) return;
    const listing = { id: this.#id, at: this.at.value, pages: this.#pages, cursor: this.#cursor };
    this.#names.add(listing, keys).catch(() => {
      // No room: a listing with a gap would be believed.
      this.#isKept = false;
      void this.#names?.drop(this.#id).catch(() => {});
    });
  }

  /** What is kept is no longer what is there. */
  #changed(): void {
    this.#isKept = false;
    void this.#names?.drop(this.#id).catch(() => {});
    this.edition.value++;
    this.#show(true);
  }

  #show(now = false): void {
    const time = performance.now();
    if (!now && this.table.size > 1000 && time - this.#shownAt < SHOWN_EVERY_MS) return;
    this.#shownAt = time;
    this.version.value++;
  }
}
