/**
 * The store for @fastify/session. It needs no express-session.
 *
 * @module
 */
import { EventEmitter } from "node:events";
import type { KVNamespace } from "@kvplug/core";
import { settle, type Callback } from "./callbacks.ts";
import { KVSessions, type KVSessionsEvents } from "./kv-sessions.ts";
import type { SessionOptions } from "./options.ts";
import { checkCookie, checkFields } from "./cookie-shape.ts";
import { report } from "./report.ts";
import type { SessionData } from "./session-data.ts";

export type { SessionOptions } from "./options.ts";

/**
 * Fastify sessions on Workers KV. Each method takes a callback, which is called exactly once, or gives a
 * promise where it gets none; what such a promise rejects with is an `error` event as well. It emits `error` as {@link KVSessions} does.
 *
 * @example
 * app.register(fastifyCookie);
 * app.register(fastifySession, { store: new KVStore({ accountId, namespaceId, apiToken }), secret, rolling: false, saveUninitialized: false });
 */
export class KVStore extends EventEmitter<KVSessionsEvents> {
  /** What it stands on, with promises. */
  readonly sessions: KVSessions;

  /**
   * @param given A `KVNamespace` of any kind, which stays the caller's to close, or options, those of a driver among them.
   * @param options With a namespace as the first argument.
   * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
   */
  constructor(given: KVNamespace<any> | SessionOptions = {}, options: SessionOptions = {}) {
    super();
    this.sessions = new KVSessions(given, options, check, "KVStore");
    this.sessions.on("error", (error) => report(this, error));
  }

  /** See {@link KVSessions.get}. */
  get(id: string, callback?: Callback<any>): any {
    return settle(this, this.sessions.get(id), callback);
  }

  /** See {@link KVSessions.set}. */
  set(id: string, session: any, callback?: Callback<void>): any {
    return settle(this, this.sessions.set(id, session), callback);
  }

  /** See {@link KVSessions.destroy}. */
  destroy(id: string, callback?: Callback<void>): any {
    return settle(this, this.sessions.destroy(id), callback);
  }

  /** See {@link KVSessions.close}. */
  close(): Promise<void> {
    return this.sessions.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Methods that @fastify/session calls of a session, onto which it copies all fields of the record. */
const METHODS = ["isModified", "isSaved", "regenerate", "save"];

function check(session: SessionData): void {
  checkCookie(session);
  checkFields(session, METHODS);
}
