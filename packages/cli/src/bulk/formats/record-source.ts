import type { UnreadRecord } from "./unread-record.ts";

/** What an import reads: as often as asked, but for a pipe. */
export interface RecordSource {
  readonly name: string;
  /** The file's size and time when it was opened; `undefined` if it cannot be read again from the beginning. */
  readonly version: { readonly bytes: number; readonly mtimeMs: number } | undefined;
  /** Which share of it is read. */
  readonly share: number | undefined;
  read(signal?: AbortSignal): AsyncGenerator<readonly UnreadRecord[]>;
}
