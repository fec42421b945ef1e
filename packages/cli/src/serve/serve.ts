import { startServer } from "@kvplug/server";
import type { RunningServer } from "@kvplug/server";
import type { ServeFlags } from "../commands/serve.ts";
import { firstSignal } from "../signals.ts";
import { announce } from "./announce.ts";

/** Serves until a signal ends it. `tokenSource` is where the token came from, in commander's words. */
export async function serve(flags: ServeFlags, tokenSource: string | undefined): Promise<void> {
  const server = await start(flags);
  const stopped = firstSignal();
  announce(server, { data: flags.data, tokenSource });
  await stopped;
  await server.close();
}

async function start({ namespace, eventual, ...options }: ServeFlags): Promise<RunningServer> {
  try {
    return await startServer({
      ...options,
      namespaces: namespace,
      consistency: eventual === undefined ? undefined : { propagation: eventual },
    });
  } catch (error) {
    throw inWordsOfFlags(error, options);
  }
}

/** What went wrong, with the flag that mends it. */
function inWordsOfFlags(error: unknown, { host, port }: ServeFlags): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  switch (error.code) {
    case "EADDRINUSE":
      return new Error(`port ${port} of ${host} is busy. Choose another with --port, or any free one with --port 0.`);
    case "EACCES":
      return new Error(`port ${port} of ${host} is not for this user. Choose one above 1023 with --port.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Error(`${host} is no address of this machine. Choose another with --host.`);
    case "KV_CONFIG":
      return new Error(`${error.message} It is read from KVPLUG_TOKEN or --token.`);
    default:
      return error;
  }
}
