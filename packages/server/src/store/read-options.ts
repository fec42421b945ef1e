import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { KVGetOptions, KVValueType } from "@kvplug/core/seam";

export type ReadOptions = KVValueType | Partial<KVGetOptions<KVValueType | undefined>> | undefined;

const TYPES: readonly string[] = ["text", "json", "arrayBuffer", "stream"] satisfies KVValueType[];

/** The two forms of the last argument of a read, as one; aborts where the signal says so. */
export function checkReadOptions(given: ReadOptions, many: boolean): KVValueType {
  const options = typeof given === "string" ? { type: given } : (given ?? {});
  checkOptionNames("get", options, ["type", "cacheTtl", "signal"]);
  if ("signal" in options) options.signal?.throwIfAborted();
  const type = options.type ?? "text";
  const allowed = many ? TYPES.slice(0, 2) : TYPES;
  if (!allowed.includes(type)) {
    const which = many ? "When several keys are read, the type" : "The type";
    throw new KVError("KV_INVALID", `${which} is one of ${allowed.join(", ")}, not ${JSON.stringify(type)}.`);
  }
  return type;
}
