/** An event on the tracing channel `kvplug:request`, one for each attempt of a request. */
export interface KVRequestEvent {
  method: string;
  /** The path, without its query. */
  path: string;
  /** How many keys the request is about. */
  keys: number;
  /** 1 for the first attempt. */
  attempt: number;
  /** The answer's status, once there is one. */
  status?: number;
  /** Why the attempt failed, once it has. */
  error?: unknown;
}

/** What happens to a traced call, each of which is a channel. */
const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;

interface TracingChannel extends Readonly<Record<(typeof EVENTS)[number], { readonly hasSubscribers: boolean }>> {
  /** Absent in Bun. */
  readonly hasSubscribers?: boolean;
  tracePromise<T>(run: () => Promise<T>, event: KVRequestEvent): Promise<T>;
}

interface DiagnosticsChannel {
  tracingChannel(name: string): TracingChannel;
}

/** The name of the `node:diagnostics_channel` tracing channel. */
export const TRACING_CHANNEL = "kvplug:request";

// Not imported, since it is not there where there is no Node.
const diagnostics = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel") as
  | DiagnosticsChannel
  | undefined;
const channel = diagnostics?.tracingChannel(TRACING_CHANNEL);

/** Runs an attempt, and publishes it if there is a subscriber. */
export function traced<T>(event: KVRequestEvent, run: () => Promise<T>): Promise<T> {
  return channel && isWatched(channel) ? published(channel, event, run) : run();
}

function isWatched(it: TracingChannel): boolean {
  return it.hasSubscribers ?? EVENTS.some((name) => it[name].hasSubscribers);
}

/** The channel publishes what a promise resolves with; values are kept from it. */
async function published<T>(to: TracingChannel, event: KVRequestEvent, run: () => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  await to.tracePromise(async () => {
    result = { value: await run() };
  }, event);
  return result!.value;
}
