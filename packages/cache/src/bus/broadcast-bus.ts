import type { CacheBus } from "./bus.ts";

type Channel = InstanceType<typeof BroadcastChannel>;

/**
 * Returns a bus over `BroadcastChannel`, for the worker threads of a process. It keeps no thread alive.
 *
 * @param name Use a different one for each namespace.
 * @example
 * const kv = withCache(createKV(), { max: 10_000, bus: broadcastBus("sessions") });
 */
export function broadcastBus(name: string): CacheBus {
  const open = (): Channel => {
    const channel = new BroadcastChannel(`kvplug:${name}`);
    // Node's alone would keep its thread alive.
    (channel as { unref?(): void }).unref?.();
    return channel;
  };
  return {
    // A channel does not hear itself. One for each message is heard by several caches of a thread, too, and leaves
    // nothing to close; it costs microseconds.
    publish: (message) => {
      const channel = open();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
      channel.postMessage(message);
      channel.close();
    },
    subscribe: (listener) => {
      const channel = open();
      channel.addEventListener("message", (event: Event & { data?: unknown }) => listener(event.data));
      return () => channel.close();
    },
  };
}
