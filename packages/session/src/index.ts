/**
 * Sessions on Workers KV, for whichever framework; `./express`, `./fastify` and `./koa` are the stores of three.
 *
 * The way of a call: a store → {@link KVSessions}, which decides whether anything must be written →
 * `records.ts`, which makes text of a session and back → the window in front of the `KVNamespace`.
 *
 * @module
 */
export { KVSessions, type KVSessionsEvents, type StoredSession } from "./kv-sessions.ts";
export type { EncryptionOptions, Serializer, SessionOptions, WindowOptions } from "./options.ts";
export type { SessionCookie, SessionData } from "./session-data.ts";
