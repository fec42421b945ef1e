/** Reads of a cache over a namespace that never answers, which are aborted: nothing else is left to live for. */
import { withCache, type CachedKV } from "@kvplug/cache";
import { silentKV } from "./silent-kv.ts";

const HOUR = 3_600_000;
const backend = silentKV();
const open = (): CachedKV =>
  withCache(backend, { max: 10, deadline: HOUR, ttl: 1, staleIfError: HOUR, fetchTimeout: HOUR });
const kv = open();
const stale = open();
await stale.put("a", "1");
await new Promise((resolve) => setTimeout(resolve, 5));

const controller = new AbortController();
const call = { signal: controller.signal, deadline: HOUR };
const reads = [
  kv.get("a", call),
  kv.get("a", { signal: controller.signal }),
  kv.get("a", { ...call, type: "arrayBuffer" }),
  kv.get("a", { ...call, type: "stream" }),
  kv.getWithMetadata("a", call),
  kv.get(["a", "b"], call),
  stale.get("a", call),
  stale.get(["a", "b"], call),
].map((read) => read.catch((error: unknown) => error));
const reason = new Error("no longer wanted");
controller.abort(reason);
const outcomes = await Promise.all(reads);
process.exitCode = outcomes.filter((outcome) => outcome !== reason).length;
