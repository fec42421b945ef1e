import type { CachedKV } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core";
import type { KVEntry, KVError } from "@kvplug/core/seam";
import type { Settings } from "./options.ts";
import type { Draft, OpenRecord, Records } from "./records.ts";
import { SeenSessions, type Handed } from "./seen.ts";
import type { SessionCookie, SessionData } from "./session-data.ts";
import { Tombstones } from "./tombstones.ts";
import { Unreadable } from "./unreadable.ts";

/** A namespace, behind the cache if there is one. */
export type SessionsNamespace = KVNamespace<any> & Partial<Pick<CachedKV, "invalidate">>;

/** Reads and writes sessions by the names of their records. It writes only what must be written, and keeps destroyed sessions destroyed. */
export class StoredSessions {
  readonly #kv: SessionsNamespace;
  readonly #records: Records;
  readonly #seen: SeenSessions;
  readonly #tombstones: Tombstones = new Tombstones();
  readonly #unreadable: Unreadable = new Unreadable();
  readonly #onUnreadable: (error: KVError) => void;
  readonly #writes: Set<Promise<void>> = new Set();

  /** @param onUnreadable Called once for each record that cannot be read. */
  constructor(
    kv: SessionsNamespace,
    records: Records,
    settings: Pick<Settings, "touchAfter" | "window">,
    onUnreadable: (error: KVError) => void,
  ) {
    this.#kv = kv;
    this.#records = records;
    this.#seen = new SeenSessions(settings);
    this.#onUnreadable = onUnreadable;
  }

  /** The names of the sessions that this process read or wrote. */
  names(): string[] {
    return this.#seen.names();
  }

  /** Whether this process destroyed it. */
  isDestroyed(name: string): boolean {
    return this.#tombstones.has(name);
  }

  /** Resolves when what is being written is. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writes);
  }

  async read(name: string): Promise<SessionData | undefined> {
    if (this.#tombstones.has(name)) return undefined;
    const known = this.#seen.of(name);
    const record = await this.open(name, await this.#kv.getWithMetadata(name));
    // What was written meanwhile is newer than what was read.
    if (this.#seen.of(name) !== known) return record?.session;
    if (record === undefined) this.#seen.forget(name);
    else await this.#seen.read(name, record, () => this.#records.substanceOf(name, record.session));
    return record?.session;
  }

  /** Opens a record; returns `undefined` if it is none, has expired, or was destroyed while it was read. */
  async open(name: string, { value, metadata }: KVEntry<string>): Promise<OpenRecord | undefined> {
    if (value === null) return undefined;
    try {
      const record = await this.#records.open(name, value, metadata);
      return record.end > Date.now() && !this.#tombstones.has(name) ? record : undefined;
    } catch (error) {
      if (this.#unreadable.isNews(name, value)) this.#onUnreadable(error as KVError);
      return undefined;
    }
  }

  /** Replaces the cookie of the session as it is stored now. Does nothing if there is none. */
  async touch(name: string, cookie: SessionCookie | undefined): Promise<Handed> {
    const session = await this.read(name);
    if (session === undefined) return {};
    const draft = await this.#draftWith(name, session, cookie);
    const same = this.#seen.same(name, draft);
    if (same !== undefined && this.#seen.isSoon(same, draft.end)) return same;
    return this.#renew(name, draft, cookie);
  }

  /** Writes a session if that is needed. */
  async save(name: string, draft: Draft): Promise<Handed> {
    const same = this.#seen.same(name, draft);
    if (same === undefined) return this.#write(name, draft);
    if (this.#seen.isSoon(same, draft.end)) return same;
    return this.#renew(name, draft, draft.cookie);
  }

  delete(name: string): Promise<void> {
    this.#tombstones.add(name);
    this.#seen.forget(name);
    return this.#track(this.#kv.delete(name));
  }

  #draftWith(name: string, session: SessionData, cookie: SessionCookie | undefined): Promise<Draft> {
    return this.#records.draft(name, { ...session, ...(cookie !== undefined && { cookie }) });
  }

  /** Writes a session that did not change here, for its new end. What another process changed, or ended, stays so. */
  async #renew(name: string, draft: Draft, cookie: SessionCookie | undefined): Promise<Handed> {
    if (!this.#mayBeOld(name)) return this.#write(name, draft);
    const fresh = await this.#readPast(name);
    return fresh === undefined ? {} : this.#write(name, await this.#draftWith(name, fresh, cookie));
  }

  /**
   * Whether a copy here, in the store's cache or in one that was passed, may be older than a change or a logout
   * elsewhere. A renewal must not undo that.
   */
  #mayBeOld(name: string): boolean {
    return this.#kv.invalidate !== undefined && !this.#seen.isOwn(name);
  }

  /** The session as KV has it, past the copy here. */
  #readPast(name: string): Promise<SessionData | undefined> {
    this.#kv.invalidate?.(name);
    return this.read(name);
  }

  async #write(name: string, draft: Draft): Promise<Handed> {
    const { end } = draft;
    if (end <= Date.now()) return { writing: this.delete(name) };
    const value = await this.#records.seal(name, draft);
    // The last look before it is sent: a destroy waits for no turn.
    if (this.#tombstones.has(name)) return {};
    return this.#seen.wrote(name, draft, this.#track(this.#kv.put(name, value, this.#records.putOptions(end))));
  }

  /** Remembers a write until it is settled. */
  #track(writing: Promise<void>): Promise<void> {
    this.#writes.add(writing);
    const settled = (): void => void this.#writes.delete(writing);
    writing.then(settled, settled);
    return writing;
  }
}
