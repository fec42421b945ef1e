import {
  LOOK_AND_DELETE,
  type KVCallOptions,
  type KVPresent,
  type LookAndDelete,
  type LookingDeleter,
} from "@kvplug/core/seam";
import type { Send } from "./held-keys.ts";
import type { Tagging } from "./tagging.ts";

/**
 * Deletes a key of which no copy is held, and reports what was there: the backend looks it up.
 *
 * @param write Sends the delete in its turn.
 */
export function lookThenDelete(
  backend: LookingDeleter,
  key: string,
  look: Pick<KVCallOptions, "deadline">,
  write: (send: Send) => Promise<void>,
  tagging: Tagging | undefined,
): LookAndDelete {
  const { promise: looked, resolve, reject } = Promise.withResolvers<KVPresent | null>();
  const deleted = write(() => {
    const sent = backend[LOOK_AND_DELETE](key, look);
    (tagging ? lookedAt(tagging, sent.looked, look) : sent.looked).then(resolve, reject);
    return sent.deleted;
  });
  // It may fail before it looks.
  deleted.catch(reject);
  return { looked, deleted };
}

async function lookedAt(
  tagging: Tagging,
  looked: Promise<KVPresent | null>,
  look: KVCallOptions,
): Promise<KVPresent | null> {
  return (await tagging.settleEntry(await looked, look)) ?? null;
}
