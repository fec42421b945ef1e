import { subscribe, unsubscribe } from "node:diagnostics_channel";

const CHANNEL = "http.server.request.start";

/** Calls a function as soon as a request has come to a server of this process, and before it can be answered. */
export function onArrival(run: () => void): void {
  const listener = (): void => {
    unsubscribe(CHANNEL, listener);
    run();
  };
  subscribe(CHANNEL, listener);
}
