import type { UnreadRecord } from "./unread-record.ts";

/** What an import reads: as often as asked, but for a pipe. */
export interface RecordSource {
  readonly name: string;
  /** What it was when it was opened; `undefined` for what has no beginning to go back to. */
  readonly version: { readonly bytes: number; readonly mtimeMs: number } | undefined;
  /** Which share of it is read. */
  readonly share: number | undefined;
  read(signal?: AbortSignal): AsyncGenerator<readonly UnreadRecord[]>;
}
