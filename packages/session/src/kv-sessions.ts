import { EventEmitter } from "node:events";
import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core";
import { forEachKey, getEntries, KVError, listPages, type Milliseconds } from "@kvplug/core/seam";
import { nameless, withoutName } from "./nameless.ts";
import { settingsOf, type SessionOptions, type Settings } from "./options.ts";
import { RecordNames } from "./record-names.ts";
import { endIn, Records } from "./records.ts";
import { report } from "./report.ts";
import type { Handed } from "./seen.ts";
import { plainOf, type SessionData } from "./session-data.ts";
import { StoredSessions, type SessionsNamespace } from "./stored-sessions.ts";
import { Turns } from "./turns.ts";

/** What {@link KVSessions} tells by itself. */
export interface KVSessionsEvents {
  /** A record that cannot be read, once, or, with `durability: "behind"`, a write that failed. Without a listener it is a warning of the process. */
  error: [error: Error];
}

/** A session as {@link KVSessions.all} tells of it. */
export interface StoredSession {
  /** `undefined` with `hashIds`: the id is not stored. */
  readonly id: string | undefined;
  readonly session: SessionData;
}

/** For how long it is believed that an unknown session does not exist: another process may just be writing it. */
const MAX_NEGATIVE_TTL: Milliseconds = 5_000;

/**
 * Sessions on Workers KV, for any framework. It writes only what must be written, reads what it wrote,
 * and keeps a destroyed session destroyed.
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
  readonly #kv: SessionsNamespace;
  readonly #names: RecordNames;
  readonly #records: Records;
  readonly #stored: StoredSessions;
  readonly #turns: Turns = new Turns();
  #closed: Promise<void> | undefined;

  /**
   * @param given A `KVNamespace` of any kind, which stays the caller's to close, or options, those of a driver among them.
   * @param options With a namespace as the first argument.
   * @param check For a store of a framework: throws for a session that was read and of which the framework can make
   *   none. Its record then counts as one that cannot be read.
   * @param name What errors call it. Default: `KVSessions`.
   * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
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
   * The session, a new object each time; `null` where there is none, where it is over, where this process
   * destroyed it, and where its record cannot be read, which is one `error` event as well.
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
   * Stores a session. One whose end is past is destroyed; one that this process destroyed stays so; one
   * that did not change is written when its end has moved by `touchAfter`, or when it was neither read nor
   * written here for so long.
   *
   * @throws {KVError} `KV_INVALID` for a session that cannot be serialised, `KV_LIMIT` for an id or a session too long.
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
   * Replaces the cookie of the session as it is stored now, with `touchAfter` as in {@link set}: before it
   * writes, it looks past the copies here. Where there is no session it does nothing.
   */
  async touch(id: string, session: SessionData): Promise<void> {
    this.#checkOpen();
    const name = this.#nameToRead(id);
    if (this.#settings.disableTouch || name === undefined) return;
    const { cookie } = plainOf(session);
    await nameless(name, () => this.#done(this.#turns.take(name, () => this.#stored.touch(name, cookie))));
  }

  /** Ends a session, for this process from the call on. To destroy one that does not exist is no error. */
  async destroy(id: string): Promise<void> {
    this.#checkOpen();
    const name = this.#nameToRead(id);
    if (name !== undefined) await nameless(name, () => this.#done({ writing: this.#stored.delete(name) }));
  }

  /** All sessions: a request for a thousand names, and one for a hundred sessions that are not in the window. */
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

  /** The ids of all sessions, a thousand a request. @throws {KVError} `KV_INVALID` with `hashIds`: they are not stored. */
  async ids(): Promise<string[]> {
    this.#checkOpen();
    if (this.#settings.secret !== undefined) {
      throw new KVError("KV_INVALID", "With hashIds the ids of sessions are not stored, so ids() cannot tell them.");
    }
    const ids: string[] = [];
    for await (const names of this.#pages()) for (const name of names) ids.push(this.#names.idOf(name)!);
    return ids;
  }

  /** How many sessions there are: a request for a thousand. */
  async length(): Promise<number> {
    this.#checkOpen();
    let length = 0;
    for await (const names of this.#pages()) length += names.length;
    return length;
  }

  /** Destroys all sessions: those that KV lists, and those that this process has seen. */
  async clear(): Promise<void> {
    this.#checkOpen();
    // Those that are being set as well: where they are destroyed by then, they are not written.
    await this.#deleteAll([...new Set([...this.#stored.names(), ...this.#turns.names()])]);
    for await (const names of this.#pages()) await this.#deleteAll(names);
  }

  /** Waits for what is being written, and closes the driver that was opened here; a namespace that was given stays open. Calls that follow are refused. */
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

  /** The name of a record; `undefined` where KV cannot hold it, so that there is no such session. */
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
