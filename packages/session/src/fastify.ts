/**
 * The store for @fastify/session. It does not need express-session.
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
 * A Fastify session store on Workers KV. Each method takes a callback, which it calls exactly once; without one it
 * returns a promise, and a rejection is also an `error` event. Emits `error` as {@link KVSessions} does.
 *
 * @example
 * app.register(fastifyCookie);
 * app.register(fastifySession, { store: new KVStore({ accountId, namespaceId, apiToken }), secret, rolling: false, saveUninitialized: false });
 */
export class KVStore extends EventEmitter<KVSessionsEvents> {
  /** The same sessions with promises. */
  readonly sessions: KVSessions;

  /**
   * @param given Any `KVNamespace`, which you close yourself, or options, including a driver's.
   * @param options If the first argument is a namespace.
   * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
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
