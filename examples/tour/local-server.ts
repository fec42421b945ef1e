import { startServer, type RunningServer } from "@kvplug/server";
import { DEMO_NAMESPACE } from "../demo/serve-demo.ts";
import { orFreePort } from "./or-free-port.ts";

/** Starts a server on a file, with a namespace for the tour and one for the page; where the port is busy, on a free one. */
export function startLocalServer(data: string, port: number): Promise<RunningServer> {
  const namespaces = [{ title: "tour", id: "tour" }, DEMO_NAMESPACE];
  return orFreePort(port, (free) => startServer({ data, namespaces, port: free }));
}
