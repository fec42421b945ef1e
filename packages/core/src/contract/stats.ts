/** What a namespace has done so far; see {@link KV.stats}. */
export interface KVStats {
  /** Requests sent, each attempt counted. */
  requests: number;
  /** Keys that callers asked to read. */
  readKeys: number;
  /** Keys that callers asked to write or delete. */
  writtenKeys: number;
  /** Reads that were answered without a request of their own: by one that was waiting, or from a write. */
  sharedReads: number;
  /** Writes that a later one of the same key replaced before they were sent. */
  replacedWrites: number;
  /** Bulk requests sent. */
  batches: number;
  /** Attempts after the first one, and keys that a bulk write had to send again. */
  retries: number;
  /** Answers with status 429. */
  rateLimited: number;
  /** How often something waited for the budget, for what was in flight, or for a key's pace. */
  waits: number;
  /** Bytes of bodies sent. Streams are not counted. */
  bytesSent: number;
  /** Bytes of bodies received. Streams are not counted. */
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
