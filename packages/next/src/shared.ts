import { isKVError } from "@kvplug/core/seam";
import { NextKV } from "./next-kv.ts";
import { settingsOf, type NextKVOptions } from "./options.ts";
import { report } from "./report.ts";

interface Shared {
  options?: NextKVOptions;
  open?: NextKV;
  /** Whether it cannot be opened, which has been reported. */
  isOff?: boolean;
}

const SHARED: unique symbol = Symbol.for("@kvplug/next");

/** Next loads this module several times in a process, in a bundle and as it is: they share what is open. */
const shared: Shared = ((globalThis as { [SHARED]?: Shared })[SHARED] ??= {});

/**
 * Sets what the environment cannot carry. Call it in `register()` of `instrumentation.ts`; what is open by then stays as
 * it is.
 *
 * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
 * @example
 * configureKV({ deadline: 300, bus: redisBus() });
 */
export function configureKV(options: NextKVOptions): void {
  settingsOf(options);
  shared.options = options;
}

/**
 * What this process keeps in KV, opened at the first call; `undefined` where that is nothing, because an account, a
 * namespace or a token is missing, or an option cannot be. That is reported once, and never thrown.
 */
export function openNextKV(): NextKV | undefined {
  if (shared.isOff) return undefined;
  try {
    shared.open ??= new NextKV(shared.options ?? {}, () => {
      shared.isOff = true;
    });
  } catch (error) {
    if (!isKVError(error)) throw error;
    report("Each process keeps its pages for itself", error);
    shared.isOff = true;
  }
  return shared.open;
}
