/**
 * The clients that are compared, each used as its own documentation shows.
 *
 * @module
 */
import { KeyvCloudflareKV } from "@keyv/cloudflare-kv";
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
  /** The value as text; nothing where there is none, or where the client makes a miss of a failure. */
  get(key: string): Promise<string | null | undefined>;
  put(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** How many keys there are under a prefix, by their names. Not all clients can be asked for names alone. */
  list?(prefix: string): Promise<number>;
  /** Deletes all keys under a prefix. */
  clear?(prefix: string): Promise<unknown>;
}

const TOKEN = "bench";

export type ClientName =
  | "undici Pool"
  | "fetch"
  | "@kvplug/core"
  | "cloudflare (SDK)"
  | "unstorage"
  | "@keyv/cloudflare-kv";

/** How each is opened. */
export const CLIENTS: Readonly<Record<ClientName, (address: Address) => Client>> = {
  "undici Pool": undiciPool,
  fetch: globalFetch,
  "@kvplug/core": kvplug,
  "cloudflare (SDK)": sdk,
  unstorage,
  "@keyv/cloudflare-kv": keyv,
};

type Send = (method: string, key: string, body: string | null) => Promise<string>;

/** A request for each call, and no more than that. */
function oneRequestEach(send: Send): Client {
  return {
    get: (key) => send("GET", key, null),
    put: (key, value) => send("PUT", key, value),
    delete: (key) => send("DELETE", key, null),
  };
}

/** The least that a request can cost: nothing is checked but the status. */
function undiciPool(address: Address): Client {
  const { origin, pathname } = new URL(address.baseURL);
  const pool = new Pool(origin, { connections: 64 });
  const path = pathname + valuesOf(address);
  return oneRequestEach(async (method, key, body) => {
    const answer = await pool.request({ method, path: path + encodeURIComponent(key), headers: HEADERS, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`The server answered ${answer.statusCode}.`);
    return text;
  });
}

function globalFetch(address: Address): Client {
  const url = address.baseURL + valuesOf(address);
  return oneRequestEach(async (method, key, body) => {
    const answer = await fetch(url + encodeURIComponent(key), { method, headers: HEADERS, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return text;
  });
}

const HEADERS = { authorization: `Bearer ${TOKEN}` };

function valuesOf({ accountId, namespaceId }: Address): string {
  return `/accounts/${accountId}/storage/kv/namespaces/${namespaceId}/values/`;
}

function kvplug(address: Address): Client {
  const kv = createKV({ ...address, apiToken: TOKEN });
  return {
    get: (key) => kv.get(key),
    put: (key, value) => kv.put(key, value),
    delete: (key) => kv.delete(key),
    async list(prefix) {
      let names = 0;
      for await (const _ of kv.keys({ prefix })) names++;
      return names;
    },
    clear: (prefix) => kv.clear({ prefix }),
  };
}

function sdk({ baseURL, accountId, namespaceId }: Address): Client {
  const { namespaces } = new Cloudflare({ baseURL, apiToken: TOKEN }).kv;
  const { values, keys } = namespaces;
  const account = { account_id: accountId };
  const where = { ...account, namespace_id: namespaceId };
  const namesOf = async (prefix: string): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of keys.list(namespaceId, { ...account, prefix })) names.push(name);
    return names;
  };
  return {
    get: async (key) => (await values.get(key, where)).text(),
    put: (key, value) => values.update(key, { ...where, value }),
    delete: (key) => values.delete(key, where),
    list: async (prefix) => (await namesOf(prefix)).length,
    async clear(prefix) {
      const names = await namesOf(prefix);
      for (let i = 0; i < names.length; i += 10_000) {
        await namespaces.bulkDelete(namespaceId, { ...account, body: names.slice(i, i + 10_000) });
      }
    },
  };
}

/** The driver without the storage around it, which would add to its cost. */
function unstorage({ baseURL, accountId, namespaceId }: Address): Client {
  const driver = cloudflareKVHTTP({ apiURL: new URL(baseURL).origin, accountId, namespaceId, apiToken: TOKEN });
  return {
    get: async (key) => (await driver.getItem(key)) as string | null,
    put: async (key, value) => driver.setItem!(key, value, {}),
    delete: async (key) => driver.removeItem!(key, {}),
    list: async (prefix) => (await driver.getKeys(prefix, {})).length,
    clear: async (prefix) => driver.clear!(prefix, {}),
  };
}

/** The adapter without the Keyv around it. It lists names only together with their values. */
function keyv({ baseURL, ...ids }: Address): Client {
  const open = (namespace?: string): KeyvCloudflareKV =>
    new KeyvCloudflareKV({ mode: "rest", url: baseURL, apiToken: TOKEN, ...ids, ...(namespace && { namespace }) });
  const adapter = open();
  return {
    get: (key) => adapter.get<string>(key) as Promise<string | undefined>,
    put: (key, value) => adapter.set(key, value),
    delete: (key) => adapter.delete(key),
    clear: (prefix) => open(prefix.slice(0, -1)).clear(),
  };
}
