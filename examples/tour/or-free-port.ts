import { say } from "./report.ts";

/** Opens something on a port; where that is busy, on a free one. */
export async function orFreePort<Opened>(port: number, open: (port: number) => Promise<Opened>): Promise<Opened> {
  try {
    return await open(port);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    say("note", `port ${port} is busy, so this is a free one`);
    return open(0);
  }
}
