import { createKV, type KV, type KVOptions } from "@kvplug/core";
import { refusal } from "./wire.ts";

/** Ids as Cloudflare makes them. */
export const ACCOUNT_ID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
export const NAMESPACE_ID = "f9e8d7c6b5a4938271605f4e3d2c1b0a";

/** What Cloudflare refuses requests with: the status, and its code. */
export const REFUSALS = [
  ["a token that was revoked", 401, 10_000],
  ["a token that may not", 403, 10_000],
  ["an id that cannot be", 404, 7003],
  ["a namespace that was deleted", 404, 10_013],
  ["the daily limit", 429, 10_048],
  ["a fault of its own", 500, 10_001],
] as const;

/** The words that Cloudflare has for an id that cannot be, which name it. */
const WORDS = `Could not route to /client/v4/accounts/${ACCOUNT_ID}/storage/kv/namespaces/${NAMESPACE_ID}, perhaps your object identifier is invalid?`;

/** A driver that is refused everything. */
export function refusedKV(status: number, code: number, options: KVOptions = {}): KV {
  return createKV({
    accountId: ACCOUNT_ID,
    namespaceId: NAMESPACE_ID,
    apiToken: "a-token",
    retry: false,
    deadline: 100,
    fetch: async () => refusal(status, code, WORDS),
    ...options,
  });
}
