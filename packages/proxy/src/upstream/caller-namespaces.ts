import type { KVClient } from "@kvplug/core";
import { FLOW } from "@kvplug/core/seam";
import type { InFlow, KVCallOptions } from "@kvplug/core/seam";
import { KeyScope } from "@kvplug/server/access";
import type { Grant } from "@kvplug/server/access";
import { ApiError, CODE } from "@kvplug/server/routes";
import type { NamespaceInfo, Namespaces, StoreNamespace } from "@kvplug/server/routes";
import { UpstreamNamespaces } from "@kvplug/server/upstream";
import type { Terms } from "../terms.ts";
import { CallerNamespace } from "./caller-namespace.ts";
import type { OpenNamespaces } from "./open-namespaces.ts";
import { toApiError } from "./upstream-error.ts";

/** The namespaces of the account as one request may see them. */
export class CallerNamespaces implements Namespaces {
  readonly #all: UpstreamNamespaces;
  readonly #open: OpenNamespaces;
  readonly #grant: Grant;
  readonly #terms: Terms;

  constructor(client: KVClient, open: OpenNamespaces, grant: Grant, terms: Terms) {
    const { deadline, signal, flow } = terms;
    const calling: KVCallOptions & InFlow = { deadline, signal, [FLOW]: flow };
    this.#all = new UpstreamNamespaces(client, calling);
    this.#open = open;
    this.#grant = grant;
    this.#terms = terms;
  }

  async list(): Promise<NamespaceInfo[]> {
    const all = await answered(this.#all.list());
    return all.filter(({ id }) => this.#sees(id));
  }

  async get(id: string): Promise<NamespaceInfo | undefined> {
    return this.#sees(id) ? answered(this.#all.get(id)) : undefined;
  }

  async create(title: string): Promise<NamespaceInfo | undefined> {
    this.#checkMayManage();
    return answered(this.#all.create(title));
  }

  async rename(id: string, title: string): Promise<NamespaceInfo | undefined> {
    this.#checkMayManage();
    return answered(this.#all.rename(id, title));
  }

  async delete(id: string): Promise<void> {
    this.#checkMayManage();
    await answered(this.#all.delete(id));
    this.#open.clear(id);
  }

  open(id: string): StoreNamespace | undefined {
    if (!this.#sees(id) || id === "" || id === "." || id === "..") return undefined;
    const scope = this.#grant.prefixes === undefined ? undefined : new KeyScope(this.#grant);
    return new CallerNamespace(this.#open, id, scope, this.#terms);
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

/** What upstream says, with its failures in the terms of the API. */
async function answered<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    throw toApiError(error);
  }
}
