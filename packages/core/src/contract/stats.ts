/** What a namespace has done so far; see {@link KV.stats}. */
export interface KVStats {
  /** Requests sent, each attempt counted. */
  requests: number;
  /** Keys that callers asked to read. */
  readKeys: number;
  /** Keys that callers asked to write or delete. */
  writtenKeys: number;
  /** Reads answered without a request of their own: by a waiting one, or from a write. */
  sharedReads: number;
  /** Writes that a later one of the same key replaced before they were sent. */
  replacedWrites: number;
  /** Bulk requests sent. */
  batches: number;
  /** Attempts after the first one, and keys that had to be written again. */
  retries: number;
  /** Answers with status 429. */
  rateLimited: number;
  /** Waits for the budget, for requests in flight, or for a key's pace. */
  waits: number;
  /** Bytes of bodies sent, without streams. */
  bytesSent: number;
  /** Bytes of bodies received, without streams. */
  bytesReceived: number;
}

export function newStats(): KVStats {
  return {
    requests: 0,
    readKeys: 0,
    writtenKeys: 0,
    sharedReads: 0,
    replacedWrites: 0,
    batches: 0,
    retries: 0,
    rateLimited: 0,
    waits: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
}
