/**
 * The external store for koa-session.
 *
 * @module
 */
import { EventEmitter } from "node:events";
import { isNamespace, type Milliseconds } from "@kvplug/core/seam";
import type { KVNamespace } from "@kvplug/core";
import { KVSessions, type KVSessionsEvents } from "./kv-sessions.ts";
import type { SessionOptions } from "./options.ts";
import { checkCookie, checkFields } from "./cookie-shape.ts";
import { checkPlain } from "./record-shape.ts";
import { report } from "./report.ts";
import { cookieEnd, type SessionData } from "./session-data.ts";

export type { SessionOptions } from "./options.ts";

/** A session as koa-session hands it over: what the application put there, until when it is good, and for how long. */
type KoaSession = Record<string, unknown> & { _expire?: Milliseconds; _maxAge?: Milliseconds };

/** A session as it is stored: koa-session's own figures become a cookie, since they move with each request. */
interface KoaRecord extends SessionData {
  readonly session: Record<string, unknown>;
}

/**
 * A Koa session store on Workers KV. Emits `error` as {@link KVSessions} does.
 *
 * @example
 * app.use(session({ store: new KVStore({ accountId, namespaceId, apiToken }) }, app));
 */
export class KVStore extends EventEmitter<KVSessionsEvents> {
  /** The same sessions. Their records hold the application's session as `session`. */
  readonly sessions: KVSessions;

  /**
   * @param given Any `KVNamespace`, which you close yourself, or options, including a driver's.
   * @param options If the first argument is a namespace.
   * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
   */
  constructor(given: KVNamespace<any> | SessionOptions = {}, options: SessionOptions = {}) {
    super();
    this.sessions = isNamespace(given)
      ? new KVSessions(given, withKoaTtl(options), check, "KVStore")
      : new KVSessions(withKoaTtl({ ...given, ...options }), {}, check, "KVStore");
    this.sessions.on("error", (error) => report(this, error));
  }

  /** Resolves with the session, or `undefined` if there is none. See {@link KVSessions.get}. */
  async get(id: string): Promise<KoaSession | undefined> {
    const record = (await this.sessions.get(id)) as KoaRecord | null;
    if (record === null) return undefined;
    const { session, cookie } = record;
    const end = cookieEnd(record);
    if (end === undefined) return session;
    const maxAge: Milliseconds | null | undefined = cookie!["originalMaxAge"];
    return { ...session, _expire: end, ...(typeof maxAge === "number" && { _maxAge: maxAge }) };
  }

  /**
   * See {@link KVSessions.set}. It always compares, since koa-session reports even what `ctx.session.save()` saves as
   * unchanged.
   */
  async set(id: string, session: KoaSession): Promise<void> {
    const { _expire, _maxAge, ...own } = session;
    const record: KoaRecord = {
      session: own,
      ...(_expire !== undefined && { cookie: { expires: new Date(_expire), originalMaxAge: _maxAge } }),
    };
    await this.sessions.set(id, record);
  }

  /** See {@link KVSessions.destroy}. */
  destroy(id: string): Promise<void> {
    return this.sessions.destroy(id);
  }

  /** See {@link KVSessions.close}. */
  close(): Promise<void> {
    return this.sessions.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A function `ttl` gets the application's session. */
function withKoaTtl(options: SessionOptions): SessionOptions {
  const { ttl } = options;
  return typeof ttl === "function" ? { ...options, ttl: (record: KoaRecord) => ttl(record.session) } : options;
}

/** What koa-session calls of a session, or takes from it, and what is stored as its cookie. */
const FIELDS = ["toJSON", "maxAge", "_expire", "_maxAge"];

function check(record: SessionData): void {
  checkPlain("Its session", record["session"]);
  checkFields(record["session"], FIELDS);
  checkCookie(record);
}
