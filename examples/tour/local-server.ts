import { startServer, type RunningServer } from "@kvplug/server";
import { say } from "./report.ts";

/** Starts a server on a file, with one namespace; where the port is busy, on a free one. */
export async function startLocalServer(data: string, port: number): Promise<RunningServer> {
  const options = { data, namespaces: [{ title: "tour", id: "tour" }] };
  try {
    return await startServer({ ...options, port });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    say("note", `port ${port} is busy, so this is a free one`);
    return startServer({ ...options, port: 0 });
  }
}
