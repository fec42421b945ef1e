import type { CacheBus, Invalidation } from "./bus.ts";

type Channel = InstanceType<typeof BroadcastChannel>;

/**
 * A bus over `BroadcastChannel`: to all worker threads of a process.
 *
 * @param name Tells one namespace from another.
 * @example
 * const kv = withCache(createKV(), { max: 10_000, bus: broadcastBus("sessions") });
 */
export function broadcastBus(name: string): CacheBus {
  let channel: Channel | undefined;
  const listeners = new Set<(message: Invalidation) => void>();
  const open = (): Channel => {
    if (channel !== undefined) return channel;
    channel = new BroadcastChannel(`kvplug:${name}`);
    channel.addEventListener("message", (event: Event & { data?: unknown }) => {
      for (const listener of listeners) listener(event.data as Invalidation);
    });
    // It keeps no process alive.
    (channel as { unref?(): void }).unref?.();
    return channel;
  };
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
    publish: (message) => open().postMessage(message),
    subscribe: (listener) => {
      open();
      listeners.add(listener);
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        channel?.close();
        channel = undefined;
      };
    },
  };
}
