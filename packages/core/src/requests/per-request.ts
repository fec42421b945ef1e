/** What a Worker cannot touch but in the request that made it. */
interface Owned {
  readonly readyState: unknown;
}

/** Exists only in Workers. */
declare const WebSocketPair: new () => Readonly<Record<0, Owned>>;

/** Whether this is a Worker: what one request waits for, another one cannot wait for. */
export const isWorker: boolean = globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** So many requests are known at once; one that was forgotten shares nothing with its calls before. */
const MAX_REQUESTS = 100;

/**
 * An API of which each request of a Worker gets its own. The runtime ends a request that waits for nothing of its own,
 * and with it everything that it waits for, whoever else does.
 */
export class PerRequest<Api> {
  readonly #open: () => Api;
  readonly #requests: { readonly owned: Owned; readonly api: Api }[] = [];

  constructor(open: () => Api) {
    this.#open = open;
  }

  /** That of the request which runs. */
  get(): Api {
    const requests = this.#requests;
    // The last ones are likely the first to call again.
    for (let i = requests.length - 1; i >= 0; i--) if (isMine(requests[i]!.owned)) return requests[i]!.api;
    const request = { owned: new WebSocketPair()[0], api: this.#open() };
    requests.push(request);
    if (requests.length > MAX_REQUESTS) requests.shift();
    return request.api;
  }
}

function isMine(owned: Owned): boolean {
  try {
    return owned.readyState !== undefined;
  } catch {
    return false;
  }
}

/** An object with the methods of a class, each of which is called on what `get` returns then. */
export function delegate<Api extends object>(type: { readonly prototype: Api }, get: () => Api): Api {
  const methods = Reflect.ownKeys(type.prototype).filter((name) => name !== "constructor");
  const call = (name: PropertyKey, args: unknown[]): unknown => {
    const api = get() as Record<PropertyKey, (...given: unknown[]) => unknown>;
    return api[name]!(...args);
  };
  return Object.fromEntries(methods.map((name) => [name, (...args: unknown[]) => call(name, args)])) as Api;
}
