/**
 * Sessions on Workers KV, for any framework; `./express`, `./fastify` and `./koa` are the stores for three of them.
 *
 * The path of a call: a store → {@link KVSessions}, which decides whether to write → `records.ts`, which serialises a
 * session and parses it → the cache in front of the `KVNamespace`.
 *
 * @module
 */
export { KVSessions, type KVSessionsEvents, type StoredSession } from "./kv-sessions.ts";
export type { EncryptionOptions, Serializer, SessionOptions, WindowOptions } from "./options.ts";
export type { SessionCookie, SessionData } from "./session-data.ts";
