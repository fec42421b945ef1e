/**
 * The clients that are compared, each used as its own documentation shows.
 *
 * @module
 */
import Cloudflare from "cloudflare";
import { Pool } from "undici";
import cloudflareKVHTTP from "unstorage/drivers/cloudflare-kv-http";
import { createKV } from "@kvplug/core";

/** Where the server is. */
export interface Address {
  readonly baseURL: string;
  readonly accountId: string;
  readonly namespaceId: string;
}

/** What is asked of every client. */
export interface Client {
  /** The value as text. */
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
}

const TOKEN = "bench";

export type ClientName = "undici Pool" | "@kvplug/core" | "cloudflare (SDK)" | "unstorage";

/** How each is opened. */
export const CLIENTS: Readonly<Record<ClientName, (address: Address) => Client>> = {
  "undici Pool": undiciPool,
  "@kvplug/core": kvplug,
  "cloudflare (SDK)": sdk,
  unstorage,
};

/** The least that a request can cost: nothing is checked but the status. */
function undiciPool({ baseURL, accountId, namespaceId }: Address): Client {
  const { origin, pathname } = new URL(baseURL);
  const pool = new Pool(origin, { connections: 64 });
  const path = `${pathname}/accounts/${accountId}/storage/kv/namespaces/${namespaceId}/values/`;
  const headers = { authorization: `Bearer ${TOKEN}` };
  const send = async (method: "GET" | "PUT", key: string, body: string | null): Promise<string> => {
    const answer = await pool.request({ method, path: path + encodeURIComponent(key), headers, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`The server answered ${answer.statusCode}.`);
    return text;
  };
  return {
    get: (key) => send("GET", key, null),
    put: async (key, value) => void (await send("PUT", key, value)),
  };
}

function kvplug(address: Address): Client {
  return createKV({ ...address, apiToken: TOKEN });
}

function sdk({ baseURL, accountId, namespaceId }: Address): Client {
  const { values } = new Cloudflare({ baseURL, apiToken: TOKEN }).kv.namespaces;
  const where = { account_id: accountId, namespace_id: namespaceId };
  return {
    get: async (key) => (await values.get(key, where)).text(),
    put: async (key, value) => void (await values.update(key, { ...where, value })),
  };
}

/** The driver without the storage around it, which would add to its cost. */
function unstorage({ baseURL, accountId, namespaceId }: Address): Client {
  const driver = cloudflareKVHTTP({ apiURL: new URL(baseURL).origin, accountId, namespaceId, apiToken: TOKEN });
  return {
    get: async (key) => (await driver.getItem(key)) as string | null,
    put: async (key, value) => driver.setItem!(key, value, {}),
  };
}
