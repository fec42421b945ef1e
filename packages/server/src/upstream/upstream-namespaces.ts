import type { KVClient } from "@kvplug/core";
import { isKVError } from "@kvplug/core/seam";
import type { KVCallOptions } from "@kvplug/core/seam";
import type { NamespaceInfo, Namespaces } from "../backend.ts";
import { CODE } from "../routes/errors.ts";

/**
 * The namespaces of a client's account, as the routes ask for them. How one is opened is the caller's choice. What the driver
 * fails with is thrown as it is.
 */
export class UpstreamNamespaces implements Omit<Namespaces, "open"> {
  readonly #client: KVClient;
  readonly #calling: KVCallOptions;

  /** @param calling Options of each call to the driver. */
  constructor(client: KVClient, calling: KVCallOptions = {}) {
    this.#client = client;
    this.#calling = calling;
  }

  async list(): Promise<NamespaceInfo[]> {
    const all: NamespaceInfo[] = [];
    for await (const info of this.#client.namespaces.list(this.#calling)) all.push(info);
    return all;
  }

  get(id: string): Promise<NamespaceInfo | undefined> {
    return unlessRefused(this.#client.namespaces.get(id, this.#calling), isMissing);
  }

  create(title: string): Promise<NamespaceInfo | undefined> {
    return unlessRefused(this.#client.namespaces.create(title, this.#calling), isTaken);
  }

  async rename(id: string, title: string): Promise<NamespaceInfo | undefined> {
    const renamed = await unlessRefused(this.#client.namespaces.rename(id, title, this.#calling), isTaken);
    return renamed && { id, title };
  }

  delete(id: string): Promise<void> {
    return this.#client.namespaces.delete(id, this.#calling);
  }
}

/** What was asked for; `undefined` where upstream refuses it like this. */
async function unlessRefused<Result>(
  asked: Promise<Result>,
  isRefusal: (error: unknown) => boolean,
): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return isKVError(error) && error.code === "KV_NOT_FOUND";
}

function isTaken(error: unknown): boolean {
  return isKVError(error) && error.errors.some(({ code }) => code === CODE.titleTaken);
}
