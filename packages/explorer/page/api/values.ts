import type { ListedKey } from "../keys/key-table.ts";
import { ApiFailure, ask, askFor } from "./http.ts";
import { pathOf } from "./namespaces.ts";

/** Where a value is. */
export interface Place {
  readonly account: string;
  readonly namespace: string;
  readonly key: string;
}

/** A value with what is kept beside it. */
export interface Stored {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `null` for none. */
  readonly metadata: unknown;
  /** Unix seconds; `undefined` for never. */
  readonly expiration: number | undefined;
}

/** The least seconds that KV keeps what expires. */
export const LEAST_SECONDS = 60;

/** The fewest keys that a listing can be asked for. */
const LEAST_LISTED = 10;

/** The path of a key's value; a key that is a path segment of its own, such as `..`, KV does not have. */
function valuePath({ account, namespace, key }: Place): string {
  return `${pathOf(account, namespace)}/values/${encodeURIComponent(key)}`;
}

/**
 * Reads a value with its metadata and expiration: two requests, or three where the first answer tells no expiration. A
 * gateway never does, and what is taken for "never" would be written as such. `undefined` where there is no such key.
 */
export async function readValue(place: Place, signal?: AbortSignal): Promise<Stored | undefined> {
  const init = signal === undefined ? {} : { signal };
  try {
    const metadataPath = `${pathOf(place.account, place.namespace)}/metadata/${encodeURIComponent(place.key)}`;
    const [response, metadata] = await Promise.all([ask(valuePath(place), init), askFor<unknown>(metadataPath, init)]);
    const told = response.headers.get("expiration");
    return {
      bytes: new Uint8Array(await response.arrayBuffer()),
      metadata: metadata ?? null,
      expiration: told === null ? await listedExpiration(place, init) : Number(told),
    };
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404 && error.code === 10009) return undefined;
    throw error;
  }
}

/** Writes a value with its metadata and its expiration: what is not given here is gone then. */
export async function writeValue(place: Place, { bytes, metadata, expiration }: Stored): Promise<void> {
  const query = expiration === undefined ? "" : `?expiration=${expiration}`;
  const path = `${valuePath(place)}${query}`;
  if (metadata === null || metadata === undefined) {
    const headers = { "content-type": "application/octet-stream" };
    await ask(path, { method: "PUT", body: bytes, headers });
    return;
  }
  const form = new FormData();
  form.set("value", new Blob([bytes]));
  form.set("metadata", JSON.stringify(metadata));
  await ask(path, { method: "PUT", body: form });
}

/** The expiration as a listing has it. */
async function listedExpiration({ account, namespace, key }: Place, init: RequestInit): Promise<number | undefined> {
  const query = new URLSearchParams({ prefix: key, limit: String(LEAST_LISTED) });
  const listed = await askFor<ListedKey[]>(`${pathOf(account, namespace)}/keys?${query.toString()}`, init);
  // A key is listed before all that begin with it.
  return listed.find(({ name }) => name === key)?.expiration;
}

export async function deleteValue(place: Place): Promise<void> {
  await ask(valuePath(place), { method: "DELETE" });
}

/** Whether two are the same, to the byte. */
export function isSame(one: Stored | undefined, other: Stored | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.expiration !== other.expiration || one.bytes.length !== other.bytes.length) return false;
  if (JSON.stringify(one.metadata) !== JSON.stringify(other.metadata)) return false;
  return one.bytes.every((byte, i) => byte === other.bytes[i]);
}
