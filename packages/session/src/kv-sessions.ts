import { EventEmitter } from "node:events";
import { withCache, type CachedKV } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core";
import { forEachKey, getEntries, KVError, listPages, type KVEntry, type Milliseconds } from "@kvplug/core/seam";
import { Tombstones } from "./tombstones.ts";
import { nameless, withoutName } from "./nameless.ts";
import { settingsOf, type SessionOptions, type Settings } from "./options.ts";
import { RecordNames } from "./record-names.ts";
import { endIn, Records, type Draft, type OpenRecord } from "./records.ts";
import { report } from "./report.ts";
import { SeenSessions, type Handed } from "./seen.ts";
import { plainOf, type SessionCookie, type SessionData } from "./session-data.ts";
import { Turns } from "./turns.ts";
import { Unreadable } from "./unreadable.ts";

/** The events of {@link KVSessions}. */
export interface KVSessionsEvents {
  /**
   * An unreadable record, reported once; or, with `durability: "behind"`, a failed write. Without a listener it is a
   * process warning.
   */
  error: [error: Error];
}

/** A session as {@link KVSessions.all} returns it. */
export interface StoredSession {
  /** `undefined` with `hashIds`: the id is not stored. */
  readonly id: string | undefined;
  readonly session: SessionData;
}

/** For how long it is believed that an unknown session does not exist: another process may just be writing it. */
const MAX_NEGATIVE_TTL: Milliseconds = 5_000;
/**
 * Sessions on Workers KV, for any framework. Writes only what has to be written, reads its own writes, and keeps a
 * destroyed session destroyed.
 *
 * @example
 * const sessions = new KVSessions({ accountId, namespaceId, apiToken, ttl: 3600 });
 * await sessions.set(id, { cart: ["book"] });
 * await sessions.get(id); // { cart: ["book"] }
 * await sessions.close();
 */
export class KVSessions extends EventEmitter<KVSessionsEvents> {
  readonly #settings: Settings;
  /** The namespace, behind the window where there is one. */
  readonly #kv: KVNamespace<any> & Partial<Pick<CachedKV, "invalidate">>;
  readonly #names: RecordNames;
  readonly #records: Records;
  readonly #turns: Turns = new Turns();
  readonly #tombstones: Tombstones = new Tombstones();
  readonly #unreadable: Unreadable = new Unreadable();
  readonly #seen: SeenSessions;
  readonly #writes: Set<Promise<void>> = new Set();
  #closed: Promise<void> | undefined;

  /**
   * @param given Any `KVNamespace`, which you close yourself, or options, including a driver's.
   * @param options If the first argument is a namespace.
   * @param check For a framework's store: throws if the framework cannot turn what was read into a session. The record
   *   is then unreadable.
   * @param name The name in errors. Default: `KVSessions`.
   * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
   */
  constructor(
    given: KVNamespace<any> | SessionOptions = {},
    options: SessionOptions = {},
    check: (session: SessionData) => void = () => undefined,
    name = "KVSessions",
  ) {
    super();
    const settings = settingsOf(name, given, options);
    const { open, window } = settings;
    this.#settings = settings;
    this.#names = new RecordNames(settings);
    this.#records = new Records(settings, check);
    this.#kv =
      window === undefined
        ? open.kv
        : withCache(open.kv, {
            ...window,
            // A session that is not kept is read from KV, which may still show what was before.
            maxValueBytes: window.maxBytes,
            negativeTtl: Math.min(window.ttl, MAX_NEGATIVE_TTL),
            // A session that cannot be read in time is no new one: the driver's patience counts.
            deadline: Number.POSITIVE_INFINITY,
          });
    this.#seen = new SeenSessions(settings);
  }

  /**
   * Resolves with the session, a new object each time, or with `null` if there is none, it has expired, this process
   * destroyed it, or its record is unreadable, which is also one `error` event.
   */
  async get(id: string): Promise<SessionData | null> {
    this.#checkOpen();
    const name = this.#nameToRead(id);
    if (name === undefined) return null;
    return nameless(name, async () => {
      await this.#turns.over(name);
      return (await this.#read(name)) ?? null;
    });
  }

  /**
   * Stores a session. Destroys one that has expired, and ignores one that this process destroyed. Writes an unchanged
   * one only once its expiry has moved by `touchAfter`, or if this process has neither read nor written it for that
   * long.
   *
   * @throws {KVError} `KV_INVALID` if the session cannot be serialised, `KV_LIMIT` if the id or the session is too
   *   long.
   */
  async set(id: string, session: SessionData): Promise<void> {
    this.#checkOpen();
    const name = this.#nameToWrite(id);
    await nameless(name, async () => {
      const draft = this.#records.draft(name, session);
      // Until its turn nobody looks at it, and it may have failed by then.
      draft.catch(() => undefined);
      await this.#done(this.#turns.take(name, async () => this.#save(name, await draft)));
    });
  }

  /**
   * Replaces the cookie of the stored session, with `touchAfter` as in {@link set}. Reads KV, past this process's copy,
   * before it writes. Does nothing if there is no session.
   */
  async touch(id: string, session: SessionData): Promise<void> {
    this.#checkOpen();
    const name = this.#nameToRead(id);
    if (this.#settings.disableTouch || name === undefined) return;
    const { cookie } = plainOf(session);
    await nameless(name, () => this.#done(this.#turns.take(name, () => this.#touch(name, cookie))));
  }

  /** Destroys a session; this process no longer finds it from the call on. One that does not exist is no error. */
  async destroy(id: string): Promise<void> {
    this.#checkOpen();
    const name = this.#nameToRead(id);
    if (name !== undefined) await nameless(name, () => this.#done({ writing: this.#delete(name) }));
  }

  /**
   * Resolves with all sessions: one request for each thousand names, and one for each hundred sessions that are not
   * cached.
   */
  async all(): Promise<StoredSession[]> {
    this.#checkOpen();
    const sessions: StoredSession[] = [];
    for await (const names of this.#pages()) {
      const entries = await nameless(undefined, () => getEntries(this.#kv, names));
      for (const [i, entry] of entries.entries()) {
        const name = names[i]!;
        const record = entry === null ? undefined : await this.#open(name, entry);
        if (record !== undefined) sessions.push({ id: this.#names.idOf(name), session: record.session });
      }
    }
    return sessions;
  }

  /**
   * Resolves with the ids of all sessions, a thousand a request. @throws {KVError} `KV_INVALID` with `hashIds`: ids are
   * not stored.
   */
  async ids(): Promise<string[]> {
    this.#checkOpen();
    if (this.#settings.secret !== undefined) {
      throw new KVError("KV_INVALID", "With hashIds the ids of sessions are not stored, so ids() cannot tell them.");
    }
    const ids: string[] = [];
    for await (const names of this.#pages()) for (const name of names) ids.push(this.#names.idOf(name)!);
    return ids;
  }

  /** Resolves with the number of sessions, a thousand a request. */
  async length(): Promise<number> {
    this.#checkOpen();
    let length = 0;
    for await (const names of this.#pages()) length += names.length;
    return length;
  }

  /** Destroys all sessions: those that KV lists, and those that this process has seen. */
  async clear(): Promise<void> {
    this.#checkOpen();
    await this.#deleteAll(this.#seen.names());
    for await (const names of this.#pages()) await this.#deleteAll(names);
  }

  /**
   * Waits for pending writes, and closes the driver if it was opened here; a namespace that you passed stays open.
   * Later calls reject.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new KVError("KV_CLOSED", "This session store was closed. Create another one, or close it later.");
  }

  async #close(): Promise<void> {
    await this.#turns.allOver();
    await Promise.allSettled(this.#writes);
    await this.#settings.open.close();
  }

  #nameToWrite(id: string): string {
    try {
      return this.#names.nameOf(id);
    } catch (error) {
      throw withoutName(error, undefined);
    }
  }

  /** The name of a record; `undefined` where KV cannot hold it, so that there is no such session. */
  #nameToRead(id: string): string | undefined {
    try {
      return this.#names.nameOf(id);
    } catch {
      return undefined;
    }
  }

  async #read(name: string): Promise<SessionData | undefined> {
    if (this.#tombstones.has(name)) return undefined;
    const known = this.#seen.of(name);
    const record = await this.#open(name, await this.#kv.getWithMetadata(name));
    // What was written meanwhile is newer than what was read.
    if (this.#seen.of(name) !== known) return record?.session;
    if (record === undefined) this.#seen.forget(name);
    else await this.#seen.read(name, record, () => this.#records.substanceOf(name, record.session));
    return record?.session;
  }

  /** What a record holds; `undefined` where it is none, or over, or was destroyed while it was read. */
  async #open(name: string, { value, metadata }: KVEntry<string>): Promise<OpenRecord | undefined> {
    if (value === null) return undefined;
    try {
      const record = await this.#records.open(name, value, metadata);
      return record.end > Date.now() && !this.#tombstones.has(name) ? record : undefined;
    } catch (error) {
      if (this.#unreadable.isNews(name, value)) report(this, error as KVError);
      return undefined;
    }
  }

  async #touch(name: string, cookie: SessionCookie | undefined): Promise<Handed> {
    const session = await this.#read(name);
    if (session === undefined) return {};
    const draft = await this.#draftWith(name, session, cookie);
    const same = this.#seen.same(name, draft);
    if (same !== undefined && this.#seen.isSoon(same, draft.end)) return same;
    return this.#renew(name, draft, cookie);
  }

  #draftWith(name: string, session: SessionData, cookie: SessionCookie | undefined): Promise<Draft> {
    return this.#records.draft(name, { ...session, ...(cookie !== undefined && { cookie }) });
  }

  /** Hands a session to the namespace, where that is needed. */
  async #save(name: string, draft: Draft): Promise<Handed> {
    const same = this.#seen.same(name, draft);
    if (same === undefined) return this.#write(name, draft);
    if (this.#seen.isSoon(same, draft.end)) return same;
    return this.#renew(name, draft, draft.cookie);
  }

  /** Writes a session that did not change here, for its new end. What another process changed, or ended, stays so. */
  async #renew(name: string, draft: Draft, cookie: SessionCookie | undefined): Promise<Handed> {
    if (!this.#mayBeOld(name)) return this.#write(name, draft);
    const fresh = await this.#readPast(name);
    return fresh === undefined ? {} : this.#write(name, await this.#draftWith(name, fresh, cookie));
  }

  /** Whether a copy here, in the window or in a cache that was given, may be older than a change or a logout elsewhere. Time alone must not undo that. */
  #mayBeOld(name: string): boolean {
    return this.#kv.invalidate !== undefined && !this.#seen.isOwn(name);
  }

  /** The session as KV has it, past the copy here. */
  #readPast(name: string): Promise<SessionData | undefined> {
    this.#kv.invalidate?.(name);
    return this.#read(name);
  }

  /** Hands a session to the namespace. */
  async #write(name: string, draft: Draft): Promise<Handed> {
    const { end } = draft;
    if (end <= Date.now()) return { writing: this.#delete(name) };
    const value = await this.#records.seal(name, draft);
    // The last look before it is sent: a destroy waits for no turn.
    if (this.#tombstones.has(name)) return {};
    return this.#seen.wrote(name, draft, this.#track(this.#kv.put(name, value, this.#records.putOptions(end))));
  }

  #delete(name: string): Promise<void> {
    this.#tombstones.add(name);
    this.#seen.forget(name);
    return this.#track(this.#kv.delete(name));
  }

  async #deleteAll(names: readonly string[]): Promise<void> {
    await nameless(undefined, () => forEachKey(names, (name) => this.#delete(name)));
  }

  /** Resolves when a write is confirmed, or, behind, when it is begun. */
  async #done(handed: Handed | Promise<Handed>): Promise<void> {
    const { writing } = await handed;
    if (!this.#settings.behind) return writing;
    writing?.catch((error: unknown) => report(this, error as Error));
  }

  /** Remembers a write until it is settled. */
  #track(writing: Promise<void>): Promise<void> {
    this.#writes.add(writing);
    const settled = (): void => void this.#writes.delete(writing);
    writing.then(settled, settled);
    return writing;
  }

  /** The names of the sessions that are good, page by page. */
  async *#pages(): AsyncGenerator<string[]> {
    for await (const page of listPages(this.#kv, this.#names.prefix)) {
      const now = Date.now();
      const good = page.filter(({ name, metadata }) => endIn(metadata) > now && !this.#tombstones.has(name));
      yield good.map(({ name }) => name);
    }
  }
}
