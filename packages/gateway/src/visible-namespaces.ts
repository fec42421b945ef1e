import { isNamespace } from "@kvplug/core/seam";
import type { Seconds } from "@kvplug/core/seam";
import { KeyScope } from "@kvplug/server/access";
import type { Grant } from "@kvplug/server/access";
import { ApiError, CODE } from "@kvplug/server/routes";
import type { NamespaceInfo, Namespaces, StoreNamespace } from "@kvplug/server/routes";
import { BoundNamespace } from "./bound-namespace.ts";
import type { ServedNamespace } from "./options.ts";
import type { Env } from "./tokens.ts";

/** The namespaces that a token may access; for it, no others exist. */
export class VisibleNamespaces implements Namespaces {
  readonly #visible: readonly ServedNamespace[];
  readonly #env: Env;
  readonly #grant: Grant;
  readonly #cacheTtl: Seconds | undefined;

  constructor(served: readonly ServedNamespace[], env: Env, grant: Grant, cacheTtl: Seconds | undefined) {
    const { namespaces } = grant;
    this.#visible = namespaces ? served.filter((one) => namespaces.some((name) => find(served, name) === one)) : served;
    this.#env = env;
    this.#grant = grant;
    this.#cacheTtl = cacheTtl;
  }

  list(): NamespaceInfo[] {
    return this.#visible.map(infoOf);
  }

  get(name: string): NamespaceInfo | undefined {
    const found = find(this.#visible, name);
    return found && infoOf(found);
  }

  open(name: string): StoreNamespace | undefined {
    const found = find(this.#visible, name);
    if (found === undefined) return undefined;
    const kv = this.#env[found.binding];
    if (isNamespace(kv)) return new BoundNamespace(kv, new KeyScope(this.#grant), this.#cacheTtl);
    throw new ApiError(
      404,
      CODE.namespaceNotFound,
      `The gateway serves ${JSON.stringify(name)} by the binding ${found.binding}, but its Worker has no KV binding of that name.`,
    );
  }

  create(): never {
    throw unsupported("create");
  }

  rename(): never {
    throw unsupported("rename");
  }

  delete(): never {
    throw unsupported("delete");
  }
}

function infoOf({ id, title }: ServedNamespace): NamespaceInfo {
  return { id, title };
}

/** @throws {ApiError} 400 if the name is the id of one namespace and the title of another. */
function find(served: readonly ServedNamespace[], name: string): ServedNamespace | undefined {
  const found = served.filter(({ id, title }) => id === name || title === name);
  if (found.length < 2) return found[0];
  throw new ApiError(
    400,
    CODE.namespaceNotFound,
    `${JSON.stringify(name)} is the id of one namespace and the title of another: change that title in the gateway's configuration.`,
  );
}

function unsupported(what: string): ApiError {
  return new ApiError(
    405,
    CODE.unsupported,
    `A gateway cannot ${what} namespaces, because a Worker's binding cannot. Use Cloudflare's own API or wrangler.`,
  );
}
