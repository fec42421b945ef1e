import { Flow } from "@kvplug/core/seam";
import type { Grant } from "@kvplug/server/access";

/** How many keys of single calls go for each key of a bulk call: somebody waits for the one, and a job for the other. */
const SINGLE_FIRST = 100;

/** Whether a request is for one key, by its path, whatever the key is called; all else is a job's. */
const SINGLE = /\/namespaces\/[^/]+\/(values|metadata)\//;

/** In which flow each call has its turns: every token has two, for single keys and for many. */
export class Flows {
  readonly #flows: WeakMap<Grant, { readonly single: Flow; readonly many: Flow }> = new WeakMap();
  readonly #weightOf: (grant: Grant) => number;

  /** @param weightOf How many turns a token has for each of one with the weight 1. */
  constructor(weightOf: (grant: Grant) => number) {
    this.#weightOf = weightOf;
  }

  /** @param path Of the request, without its query. */
  of(grant: Grant, path: string): Flow {
    let flows = this.#flows.get(grant);
    if (flows === undefined) {
      const weight = this.#weightOf(grant);
      flows = { single: new Flow(weight * SINGLE_FIRST), many: new Flow(weight) };
      this.#flows.set(grant, flows);
    }
    return SINGLE.test(path) ? flows.single : flows.many;
  }
}
