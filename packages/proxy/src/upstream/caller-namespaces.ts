import type { KVClient } from "@kvplug/core";
import { FLOW, isKVError } from "@kvplug/core/seam";
import type { InFlow, KVCallOptions } from "@kvplug/core/seam";
import { KeyScope } from "@kvplug/server/access";
import type { Grant } from "@kvplug/server/access";
import { ApiError, CODE } from "@kvplug/server/routes";
import type { NamespaceInfo, Namespaces, StoreNamespace } from "@kvplug/server/routes";
import type { Terms } from "../terms.ts";
import { CallerNamespace } from "./caller-namespace.ts";
import type { OpenNamespaces } from "./open-namespaces.ts";
import { toApiError } from "./upstream-error.ts";

/** Upstream's code for a title that another namespace has. */
const TITLE_TAKEN = 10014;

/** The namespaces of the account as one request may see them. */
export class CallerNamespaces implements Namespaces {
  readonly #client: KVClient;
  readonly #open: OpenNamespaces;
  readonly #grant: Grant;
  readonly #terms: Terms;

  constructor(client: KVClient, open: OpenNamespaces, grant: Grant, terms: Terms) {
    this.#client = client;
    this.#open = open;
    this.#grant = grant;
    this.#terms = terms;
  }

  async list(): Promise<NamespaceInfo[]> {
    const visible: NamespaceInfo[] = [];
    try {
      for await (const info of this.#client.namespaces.list(this.#calling)) {
        if (this.#sees(info.id)) visible.push(info);
      }
    } catch (error) {
      throw toApiError(error);
    }
    return visible;
  }

  async get(id: string): Promise<NamespaceInfo | undefined> {
    if (!this.#sees(id)) return undefined;
    return unlessRefused(this.#client.namespaces.get(id, this.#calling), isMissing);
  }

  async create(title: string): Promise<NamespaceInfo | undefined> {
    this.#checkMayManage();
    return unlessRefused(this.#client.namespaces.create(title, this.#calling), isTaken);
  }

  async rename(id: string, title: string): Promise<NamespaceInfo | undefined> {
    this.#checkMayManage();
    const renamed = await unlessRefused(this.#client.namespaces.rename(id, title, this.#calling), isTaken);
    return renamed && { id, title };
  }

  async delete(id: string): Promise<void> {
    this.#checkMayManage();
    await unlessRefused(this.#client.namespaces.delete(id, this.#calling), () => false);
    this.#open.clear(id);
  }

  open(id: string): StoreNamespace | undefined {
    if (!this.#sees(id) || id === "" || id === "." || id === "..") return undefined;
    const scope = this.#grant.prefixes === undefined ? undefined : new KeyScope(this.#grant);
    return new CallerNamespace(this.#open, id, scope, this.#terms);
  }

  get #calling(): KVCallOptions & InFlow {
    const { deadline, signal, flow } = this.#terms;
    return { deadline, signal, [FLOW]: flow };
  }

  #sees(id: string): boolean {
    return this.#grant.namespaces?.includes(id) ?? true;
  }

  #checkMayManage(): void {
    const { namespaces, prefixes } = this.#grant;
    if (namespaces === undefined && prefixes === undefined) return;
    throw new ApiError(
      403,
      CODE.outOfScope,
      "This token is limited to some of the data; only a token without limits can manage namespaces.",
    );
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
    throw toApiError(error);
  }
}

function isMissing(error: unknown): boolean {
  return isKVError(error) && error.code === "KV_NOT_FOUND";
}

function isTaken(error: unknown): boolean {
  return isKVError(error) && error.errors.some(({ code }) => code === TITLE_TAKEN);
}
