import type { CacheBus, Invalidation } from "./bus.ts";

/** A message of {@link clusterBus} among whatever else a program sends its processes. */
interface ClusterMessage {
  readonly kvplug: string;
  readonly message: Invalidation;
}

/** What this needs of a worker of `node:cluster`, or of a child process. */
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
 * A bus over `process.send`: among the workers of `node:cluster`, whose primary passes on what they
 * say by {@link relayClusterBus}.
 *
 * @param name Tells one namespace from another.
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
        const { process } = globalThis;
        if (process.send === undefined || !process.connected)
          throw new Error("This process has no channel to a primary.");
        const sent: ClusterMessage = { kvplug: name, message };
        process.send(sent, undefined, undefined, (error) => (error ? reject(error) : resolve()));
      }),
    subscribe: (listener) => {
      const onMessage = (received: unknown): void => {
        if (isClusterMessage(received) && received.kvplug === name) listener(received.message);
      };
      process.on("message", onMessage);
      return () => void process.off("message", onMessage);
    },
  };
}

/**
 * Lets the primary of `node:cluster` pass on to all other workers what one says over
 * {@link clusterBus}; the result ends that.
 *
 * @param cluster `node:cluster`, in the primary.
 */
export function relayClusterBus(cluster: ClusterPrimary): () => void {
  const relay = (from: ClusterWorker, message: unknown): void => {
    if (!isClusterMessage(message)) return;
    for (const worker of Object.values(cluster.workers ?? {})) {
      // One that is about to go needs no news.
      if (worker && worker !== from && worker.isConnected()) worker.send(message, () => {});
    }
  };
  cluster.on("message", relay);
  return () => void cluster.off("message", relay);
}

function isClusterMessage(message: unknown): message is ClusterMessage {
  return typeof message === "object" && message !== null && typeof (message as ClusterMessage).kvplug === "string";
}
