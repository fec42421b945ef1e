import type { ListedKey } from "./key-table.ts";

/**
 * The names of listings, kept in the browser for as long as the process behind the page runs: the next look at a namespace
 * costs no request. Without such a store, or without room in it, everything is listed again.
 *
 * @module
 */

const DATABASE = "kvplug-names";
const PAGES = "pages";
const LISTINGS = "listings";

/** What is known of a listing. */
export interface KeptListing {
  /** Of which namespace and prefix it is. */
  readonly id: string;
  /** The run of the process: what an earlier one listed is dropped. */
  readonly run: string;
  /** When it was begun, in milliseconds since 1970. */
  readonly at: number;
  readonly pages: number;
  /** Where it goes on; empty where it is whole. */
  readonly cursor: string;
}

/** Opens the store, and drops what earlier runs left; returns `undefined` if the browser has none. */
export async function openNames(run: string): Promise<NamesDb | undefined> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.addEventListener("upgradeneeded", () => {
      opening.result.createObjectStore(PAGES);
      opening.result.createObjectStore(LISTINGS, { keyPath: "id" });
    });
    const names = new NamesDb(await done(opening), run);
    await names.dropOthers();
    return names;
  } catch {
    return undefined;
  }
}

/** Names by listing, in pages as they came. */
export class NamesDb {
  readonly #db: IDBDatabase;
  readonly #run: string;

  constructor(db: IDBDatabase, run: string) {
    this.#db = db;
    this.#run = run;
  }

  /** What is kept of a listing. */
  async find(id: string): Promise<KeptListing | undefined> {
    const kept = await done<KeptListing | undefined>(this.#db.transaction(LISTINGS).objectStore(LISTINGS).get(id));
    return kept?.run === this.#run ? kept : undefined;
  }

  /** The pages of a listing, a few at a time. */
  async *pages({ id, pages }: KeptListing): AsyncGenerator<ListedKey[]> {
    const batch = 50;
    for (let page = 0; page < pages; page += batch) {
      const range = IDBKeyRange.bound([id, page], [id, Math.min(pages, page + batch) - 1]);
      const some = await done<ListedKey[][]>(this.#db.transaction(PAGES).objectStore(PAGES).getAll(range));
      yield some.flat();
    }
  }

  /** Adds a page, and says where the listing goes on. */
  async add(listing: Omit<KeptListing, "run">, keys: readonly ListedKey[]): Promise<void> {
    const writing = this.#db.transaction([PAGES, LISTINGS], "readwrite", { durability: "relaxed" });
    writing.objectStore(PAGES).put(keys, [listing.id, listing.pages - 1]);
    writing.objectStore(LISTINGS).put({ ...listing, run: this.#run });
    await finished(writing);
  }

  /** Forgets a listing that has changed, or is being listed again. */
  async drop(id: string): Promise<void> {
    const writing = this.#db.transaction([PAGES, LISTINGS], "readwrite");
    writing.objectStore(PAGES).delete(IDBKeyRange.bound([id], [id, []]));
    writing.objectStore(LISTINGS).delete(id);
    await finished(writing);
  }

  async dropOthers(): Promise<void> {
    const all = await done<KeptListing[]>(this.#db.transaction(LISTINGS).objectStore(LISTINGS).getAll());
    for (const { id, run } of all) if (run !== this.#run) await this.drop(id);
  }
}

function done<Result>(request: IDBRequest): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result as Result));
    request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB failed.")));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("IndexedDB failed.")));
  });
}
