import { randomUUID } from "node:crypto";
import type { KVNamespace } from "@kvplug/core";
import createDriver from "@kvplug/unstorage";
import { createStorage } from "unstorage";

/** A line of the list. */
export interface Note {
  by: string;
  text: string;
}

/** The list, kept through unstorage. */
export interface Notes {
  /** The last ones, the newest first. */
  latest(): Promise<Note[]>;
  add(note: Note): Promise<void>;
}

const SHOWN = 6;
const TTL_SECONDS = 30 * 86_400;

/** Each note is an item, so that two who write at once lose nothing; the keys sort by time. */
export function openNotes(kv: KVNamespace<any>): Notes {
  const storage = createStorage<Note>({ driver: createDriver({ kv, base: "notes", ttl: TTL_SECONDS }) });
  return {
    async latest() {
      const keys = (await storage.getKeys()).toSorted().slice(-SHOWN).toReversed();
      const items = await storage.getItems<Note>(keys);
      return items.flatMap(({ value }) => (value === null ? [] : [value]));
    },
    add: (note) => storage.setItem(`${Date.now()}-${randomUUID()}`, note),
  };
}
