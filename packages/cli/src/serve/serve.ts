import { startServer } from "@kvplug/server";
import type { RunningServer } from "@kvplug/server";
import type { Context } from "../context.ts";
import { onFirstSignal } from "../signals.ts";
import { LocalPage } from "../ui/local-page.ts";
import { announce } from "./announce.ts";
import { serverOptions, type ServerFlags } from "./server-flags.ts";

/** The flags of `kvplug serve`. */
export interface ServeFlags extends ServerFlags {
  port: number;
  host: string;
}

/** Serves until a signal ends it. */
export async function serve(context: Context, flags: ServeFlags): Promise<void> {
  // An empty one is not a token: the server refuses it instead of requiring none.
  const token = flags.token ?? context.env["KVPLUG_TOKEN"];
  const page = new LocalPage(context, flags, token);
  const server = await start({ ...flags, token }, page);
  const stopped = Promise.withResolvers<void>();
  using _listening = onFirstSignal(context, () => stopped.resolve());
  const tokenSource = flags.token === undefined ? "variable" : "flag";
  announce(context, server, {
    data: flags.data,
    tokenSource: token === undefined ? undefined : tokenSource,
    page: page.link(server),
  });
  await stopped.promise;
  await page.close();
  await server.close();
}

async function start(flags: ServeFlags, page: LocalPage): Promise<RunningServer> {
  try {
    const server = await startServer({ ...serverOptions(flags), beside: page.answer, session: page.hasSession });
    page.show(server);
    return server;
  } catch (error) {
    throw inWordsOfFlags(error, flags);
  }
}

/** What went wrong, with the flag that mends it. */
export function inWordsOfFlags(
  error: unknown,
  { host, port }: Pick<ServeFlags, "host" | "port">,
  variable = "KVPLUG_TOKEN",
): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  switch (error.code) {
    case "EADDRINUSE":
      return new Error(`port ${port} of ${host} is in use. Choose another with --port, or any free one with --port 0.`);
    case "EACCES":
      return new Error(`port ${port} of ${host} is not allowed for this user. Choose one above 1023 with --port.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Error(`${host} is not an address of this machine. Choose another with --host.`);
    case "KV_CONFIG":
      return new Error(`${error.message} Set ${variable} or add --token.`);
    default:
      return error;
  }
}
