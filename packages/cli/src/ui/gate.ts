import type { KV } from "@kvplug/core";

/** The calls that make requests. */
const CALLS: ReadonlySet<string | symbol> = new Set([
  "get",
  "getWithMetadata",
  "list",
  "put",
  "putMany",
  "delete",
  "deleteMany",
] satisfies (keyof KV)[]);

/** Where the calls of work wait while it is paused. */
export class Gate {
  #waiting: PromiseWithResolvers<void> | undefined;

  close(): void {
    this.#waiting ??= Promise.withResolvers();
  }

  open(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** A namespace whose calls wait here before they begin; what has begun goes on. */
  readonly guard = (kv: KV): KV =>
    new Proxy(kv, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        if (!CALLS.has(name)) return member.bind(target) as unknown;
        return async (...args: unknown[]): Promise<unknown> => {
          while (this.#waiting !== undefined) await this.#waiting.promise;
          return member.apply(target, args) as unknown;
        };
      },
    });
}
