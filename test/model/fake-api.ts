import { Exchange, type Peer } from "./exchange.ts";
import { routeOf, type WireRequest } from "./requests.ts";
import type { Store } from "./store.ts";

/** The KV REST API in memory, as unkind as its fates say. */
export class FakeApi {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * A request begins: its head is there, its body may be still to come.
   *
   * @param keys What it is about, as far as the head and a whole body tell.
   */
  begin(request: WireRequest, keys: readonly string[], peer: Peer): Exchange {
    const { history, options } = this.#store;
    const { route, key } = routeOf(request);
    const writes = /^(PUT|DELETE)|delete$/.test(route);
    const name = key === undefined ? route : `${route}/${key}`;
    const attempt = history.sent(name, writes ? keys : [], writes ? [] : keys);
    return new Exchange(this.#store, attempt, options.fates?.[attempt.id - 1] ?? {}, request, peer);
  }
}
