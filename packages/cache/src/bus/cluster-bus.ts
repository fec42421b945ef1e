import type { Worker } from "node:cluster";
import type { CacheBus, Invalidation } from "./bus.ts";

/** A message of {@link clusterBus} among whatever else a program sends its processes. */
interface ClusterMessage {
  readonly kvplug: string;
  readonly message: Invalidation;
}

/** What this needs of a worker of `node:cluster`, in the primary. */
interface ClusterWorker {
  send(message: ClusterMessage, onSent: (error: Error | null) => void): boolean;
  isConnected(): boolean;
}

/** What this needs of `node:cluster`. */
interface ClusterPrimary {
  readonly workers?: Record<string, ClusterWorker | undefined> | undefined;
  on(event: "message", listener: (from: ClusterWorker, message: any) => void): unknown;
  off(event: "message", listener: (from: ClusterWorker, message: any) => void): unknown;
}

/**
 * Returns a bus among the workers of `node:cluster`; the primary relays messages with {@link relayClusterBus}. It keeps
 * no worker alive.
 *
 * @param name Use a different one for each namespace.
 * @throws {Error} outside a worker. A cache counts this like every failure of a bus.
 * @example
 * // In the primary:
 * relayClusterBus(cluster);
 * // In each worker:
 * const kv = withCache(createKV(), { max: 10_000, bus: clusterBus("sessions") });
 */
export function clusterBus(name: string): CacheBus {
  return {
    publish: (message) =>
      new Promise<void>((resolve, reject) => {
        const sent: ClusterMessage = { kvplug: name, message };
        thisWorker().send(sent, (error) => (error ? reject(error) : resolve()));
      }),
    subscribe: (listener) => {
      const onMessage = (received: unknown): void => {
        if (isClusterMessage(received) && received.kvplug === name) listener(received.message);
      };
      // Not on `process`, where each listener is one more reason for Node to keep the process alive.
      const worker = thisWorker().on("message", onMessage);
      return () => worker.off("message", onMessage);
    },
  };
}

function thisWorker(): Worker {
  // Not imported, since it is not there where there is no Node.
  const cluster = globalThis.process?.getBuiltinModule?.("node:cluster") as { worker?: Worker } | undefined;
  const worker = cluster?.worker;
  if (!worker) throw new Error("clusterBus works only in workers of node:cluster, and this process is not one.");
  return worker;
}

/**
 * Relays messages of {@link clusterBus} between all workers, in the primary of `node:cluster`. Returns a function that
 * stops.
 *
 * @param cluster `node:cluster`, in the primary.
 */
export function relayClusterBus(cluster: ClusterPrimary): () => void {
  const relay = (_from: ClusterWorker, message: unknown): void => {
    if (!isClusterMessage(message)) return;
    for (const worker of Object.values(cluster.workers ?? {})) {
      // Back to the one who says it as well: it may hold several caches. One that is about to go needs no news.
      if (worker?.isConnected()) worker.send(message, () => {});
    }
  };
  cluster.on("message", relay);
  return () => void cluster.off("message", relay);
}

function isClusterMessage(message: unknown): message is ClusterMessage {
  return typeof message === "object" && message !== null && typeof (message as ClusterMessage).kvplug === "string";
}
