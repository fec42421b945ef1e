/**
 * The store for express-session, and so for everything that mounts it: Passport, NestJS, Connect.
 *
 * @module
 */
import type { KVNamespace } from "@kvplug/core";
import { Store, type SessionData as ExpressSession } from "express-session";
import { settle, type Callback } from "./callbacks.ts";
import { KVSessions } from "./kv-sessions.ts";
import type { SessionOptions } from "./options.ts";
import { checkCookie } from "./cookie-shape.ts";
import { checkPlain } from "./record-shape.ts";
import { report } from "./report.ts";
import type { SessionData } from "./session-data.ts";

export type { SessionOptions } from "./options.ts";

/**
 * An Express session store on Workers KV. Each method takes a callback, which it calls exactly once; without one it
 * returns a promise, and a rejection is also an `error` event. Emits `error` as {@link KVSessions} does.
 *
 * @example
 * app.use(session({ store: new KVStore({ accountId, namespaceId, apiToken }), secret, resave: false, saveUninitialized: false }));
 */
export class KVStore extends Store {
  /** The same sessions with promises. */
  readonly sessions: KVSessions;

  /**
   * @param given Any `KVNamespace`, which you close yourself, or options, including a driver's.
   * @param options If the first argument is a namespace.
   * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
   */
  constructor(given: KVNamespace<any> | SessionOptions = {}, options: SessionOptions = {}) {
    super();
    this.sessions = new KVSessions(given, options, (session) => this.#check(session), "KVStore");
    this.sessions.on("error", (error) => report(this, error));
  }

  /** See {@link KVSessions.get}. */
  override get(id: string, callback?: Callback<ExpressSession | null>): any {
    return settle(this, this.sessions.get(id) as Promise<ExpressSession | null>, callback);
  }

  /** See {@link KVSessions.set}. */
  override set(id: string, session: ExpressSession, callback?: Callback<void>): any {
    return settle(this, this.sessions.set(id, session), callback);
  }

  /** See {@link KVSessions.touch}. */
  override touch(id: string, session: ExpressSession, callback?: Callback<void>): any {
    return settle(this, this.sessions.touch(id, session), callback);
  }

  /** See {@link KVSessions.destroy}. */
  override destroy(id: string, callback?: Callback<void>): any {
    return settle(this, this.sessions.destroy(id), callback);
  }

  /** Resolves with all sessions, each with its `id`; see {@link KVSessions.all}. */
  override all(callback?: Callback<ExpressSession[]>): any {
    const all = this.sessions.all().then((found) => found.map(({ id, session }) => ({ ...session, id }) as never));
    return settle<ExpressSession[]>(this, all, callback);
  }

  /** See {@link KVSessions.ids}. */
  ids(callback?: Callback<string[]>): any {
    return settle(this, this.sessions.ids(), callback);
  }

  /** See `length` of {@link KVSessions}. */
  override length(callback?: Callback<number>): any {
    return settle(this, this.sessions.length(), callback);
  }

  /** See {@link KVSessions.clear}. */
  override clear(callback?: Callback<void>): any {
    return settle(this, this.sessions.clear(), callback);
  }

  /** Tries on a copy what express-session does with a session; elsewhere, an error would be a 500. */
  #check(session: SessionData): void {
    checkPlain("Its cookie", session.cookie);
    checkCookie(session);
    const copy: any = { ...session, cookie: { ...session.cookie } };
    const { cookie }: { cookie: any } = this.createSession({ sessionID: "" } as never, copy).touch();
    cookie.serialize("name", "value");
  }

  /** See {@link KVSessions.close}. */
  close(): Promise<void> {
    return this.sessions.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
