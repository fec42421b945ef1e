import { EventEmitter } from "node:events";
import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core";
import { forEachKey, getEntries, KVError, listPages, markUnlisted, type Milliseconds } from "@kvplug/core/seam";
import { nameless, withoutName } from "./nameless.ts";
import { settingsOf, type SessionOptions, type Settings } from "./options.ts";
import { RecordNames } from "./record-names.ts";
import { endIn, Records } from "./records.ts";
import { report } from "./report.ts";
import type { Handed } from "./seen.ts";
import { plainOf, type SessionData } from "./session-data.ts";
import { StoredSessions, type SessionsNamespace } from "./stored-sessions.ts";
import { Turns } from "./turns.ts";

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
  /** The namespace, behind the cache if there is one. */
  readonly #kv: SessionsNamespace;
  readonly #names: RecordNames;
  readonly #records: Records;
  readonly #stored: StoredSessions;
  readonly #turns: Turns = new Turns();
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
    this.#stored = new StoredSessions(this.#kv, this.#records, settings, (error) => report(this, error));
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
      return (await this.#stored.read(name)) ?? null;
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
      await this.#done(this.#turns.take(name, async () => this.#stored.save(name, await draft)));
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
    await nameless(name, () => this.#done(this.#turns.take(name, () => this.#stored.touch(name, cookie))));
  }

  /** Destroys a session; this process no longer finds it from the call on. One that does not exist is no error. */
  async destroy(id: string): Promise<void> {
    this.#checkOpen();
    const name = this.#nameToRead(id);
    if (name !== undefined) await nameless(name, () => this.#done({ writing: this.#stored.delete(name) }));
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
        const record = entry === null ? undefined : await this.#stored.open(name, entry);
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
      throw new KVError("KV_INVALID", "With hashIds, session ids are not stored, so ids() cannot return them.");
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

  /** Destroys all sessions: those that KV lists, and those that this process has seen or may have written. */
  async clear(): Promise<void> {
    this.#checkOpen();
    // Those that are being set as well: where they are destroyed by then, they are not written.
    const seen = [
      ...this.#stored.names(),
      ...this.#turns.names(),
      ...markUnlisted(this.#kv, this.#names.prefix)().keys(),
    ];
    await this.#deleteAll([...new Set(seen)]);
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
    await this.#stored.settled();
    await this.#settings.open.close();
  }

  #nameToWrite(id: string): string {
    try {
      return this.#names.nameOf(id);
    } catch (error) {
      throw withoutName(error, undefined);
    }
  }

  /** Returns a record's name, or `undefined` if KV cannot hold it, so that no such session exists. */
  #nameToRead(id: string): string | undefined {
    try {
      return this.#names.nameOf(id);
    } catch {
      return undefined;
    }
  }

  async #deleteAll(names: readonly string[]): Promise<void> {
    await nameless(undefined, () => forEachKey(names, (name) => this.#stored.delete(name)));
  }

  /** Resolves when a write is confirmed, or, behind, when it is begun. */
  async #done(handed: Handed | Promise<Handed>): Promise<void> {
    const { writing } = await handed;
    if (!this.#settings.behind) return writing;
    writing?.catch((error: unknown) => report(this, error as Error));
  }

  /** The names of the sessions that are good, page by page. */
  async *#pages(): AsyncGenerator<string[]> {
    for await (const page of listPages(this.#kv, this.#names.prefix)) {
      const now = Date.now();
      const good = page.filter(({ name, metadata }) => endIn(metadata) > now && !this.#stored.isDestroyed(name));
      yield good.map(({ name }) => name);
    }
  }
}
