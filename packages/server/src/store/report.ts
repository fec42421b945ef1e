import type { StorageError } from "../routes/storage-error.ts";
import type { StorageTrouble } from "../routes/storage-error.ts";
import type { StorageObserver } from "./database.ts";

/** Reports to a server's operator what is wrong with its file, once, and when it is solved. */
export function reportStorage(say: (line: string) => void): StorageObserver {
  const told = new Set<StorageTrouble>();
  return {
    failed(error) {
      if (told.has(error.trouble)) return;
      told.add(error.trouble);
      say(`kvplug: ${error.message} Until then, requests that need it get ${statusOf(error)}.`);
    },
    wrote() {
      // A malformed file may still be written in other places.
      const over = [...told].filter((trouble) => trouble !== "malformed");
      if (over.length === 0) return;
      for (const trouble of over) told.delete(trouble);
      say("kvplug: The data can be written again.");
    },
  };
}

function statusOf({ trouble }: StorageError): number {
  return trouble === "full" ? 507 : 503;
}
