import type { KVClient } from "@kvplug/core";
import { PageSession, servePage, PROCESS_PATH, type About } from "@kvplug/explorer";
import { startServer } from "@kvplug/server";
import { listen, onlyLoopback, refuseDotSegments } from "@kvplug/server/http";
import { createRoutes, isLoopback, refuseForeignPages } from "@kvplug/server/routes";
import { usageError } from "../command-error.ts";
import { Connections } from "../connect/connections.ts";
import type { PlaceFlags } from "../connect/flags.ts";
import type { Settings } from "../connect/settings.ts";
import type { Context } from "../context.ts";
import { escapeLines, printable } from "../printable.ts";
import { inWordsOfFlags } from "../serve/serve.ts";
import { onFirstSignal } from "../signals.ts";
import { WRANGLER_ACCOUNT } from "../wrangler/account.ts";
import { answerAsUpstream, ClientNamespaces } from "./client-namespaces.ts";
import { KeptWorks } from "./kept-work.ts";
import { nameOfFile } from "./name-of-file.ts";
import { PageProcess } from "./page-process.ts";
import { ProxyFigures } from "./proxy-figures.ts";
import { below } from "./paths.ts";
import { refuseOtherOrigins } from "./own-origin.ts";
import { refuseWrites } from "./read-only.ts";
import { UpstreamLog } from "./upstream-log.ts";

/** The flags of `kvplug ui`. */
export interface UiFlags extends PlaceFlags {
  port: number;
  data?: string;
  wrangler?: true;
  readOnly?: true;
}

/** What the page shows of where the data are. */
type Place = Omit<About, "run" | "faults">;

/** Nobody but this machine is answered: for another one there is `ssh -L`. */
const HOST = "127.0.0.1";

/** The flags that mean an account. */
const ACCOUNT = { local: "--local", profile: "--profile", account: "--account", token: "--token", apiUrl: "--api-url" };

/** Serves the page until a signal ends it. */
export async function ui(context: Context, flags: UiFlags): Promise<void> {
  const { data, wrangler } = flags;
  if (data !== undefined) refuseAccount(flags, "--data is a file");
  if (wrangler) refuseAccount(flags, "--wrangler means the data of wrangler dev");
  if (data === undefined) return servePageOf(context, flags);
  // A server of its own for the file, which nobody but this process knows.
  await using server = await startServer({ data });
  const account = { apiUrl: server.url, account: server.account, token: "any" };
  await servePageOf(context, { ...flags, ...account }, `the file ${printable(data)}`);
}

/** @throws {CommandError} where the flags mean an account as well. */
function refuseAccount(flags: UiFlags, meant: string): void {
  for (const [name, flag] of Object.entries(ACCOUNT)) {
    if (flags[name as keyof typeof ACCOUNT] !== undefined)
      throw usageError(`${meant}, and ${flag} means an account. Give one of them.`);
  }
}

async function servePageOf(context: Context, flags: UiFlags, label?: string): Promise<void> {
  await using connections = await Connections.openFresh(context, flags);
  const { client, about, name, token } = flags.wrangler
    ? await openWrangler(connections, flags)
    : openAccount(connections, flags, label);
  if (flags.data !== undefined) connections.nameAccount(name);
  const session = new PageSession();
  const page = new PageProcess(context.env, () => ({
    about,
    kept: KeptWorks.of(name, context.env),
    connections: () => Promise.resolve(connections),
    figures() {
      // In front of a proxy, the driver knows no budget: the proxy has it.
      const { budget, hitRate } = proxy?.latest ?? {};
      return { requests: log.sent, counts: {}, budget: client.budget() ?? budget, hitRate };
    },
  }));
  const { apiURL } = about;
  const proxy = apiURL === undefined ? undefined : new ProxyFigures(apiURL, token, () => client.isGateway());
  using log = new UpstreamLog(page.tell);
  const app = createRoutes({
    namespaces: new ClientNamespaces(client),
    use: [
      refuseForeignPages,
      onlyLoopback,
      refuseOtherOrigins,
      refuseDotSegments,
      session.guard,
      servePage(),
      ...(about.readOnly ? [refuseWrites] : []),
      below(PROCESS_PATH, page.answer),
    ],
  });
  app.onError(answerAsUpstream);
  const place = { host: HOST, port: flags.port };
  const listener = await listen(app, place).catch((error: unknown) => {
    throw inWordsOfFlags(error, place);
  });
  const stopped = Promise.withResolvers<void>();
  using _listening = onFirstSignal(context, () => stopped.resolve());
  announce(context, session.link(`http://${HOST}:${listener.port}`), about);
  await stopped.promise;
  await page.close();
  await listener.close();
}

/** What is shown, and the client that reaches it. */
interface Shown {
  readonly client: KVClient;
  readonly about: Place;
  /** What the account is called, in any run. */
  readonly name: string;
  readonly token?: string | undefined;
}

async function openWrangler(connections: Connections, flags: UiFlags): Promise<Shown> {
  const { client, folder } = await connections.openWrangler();
  const label = `the data of wrangler dev in ${printable(folder)}`;
  const readOnly = flags.readOnly ?? false;
  return { client, about: { place: "local", label, account: WRANGLER_ACCOUNT, readOnly }, name: `wrangler ${folder}` };
}

function openAccount(connections: Connections, flags: UiFlags, label: string | undefined): Shown {
  const settings = connections.settings();
  const about = placeOf(settings, flags, label);
  const name = flags.data === undefined ? `${about.apiURL} ${about.account}` : nameOfFile(flags.data);
  return { client: connections.client(settings), about, name, token: settings.apiToken?.value };
}

function placeOf({ baseURL, accountId, isLocal }: Settings, flags: UiFlags, label: string | undefined): Place {
  const { hostname, host } = new URL(baseURL.value);
  const profile = flags.profile === undefined ? "" : `${printable(flags.profile)}: `;
  return {
    place: isLoopback(hostname) ? "local" : "remote",
    label:
      label ?? (isLocal ? "the local server" : `${profile}account ${printable(accountId?.value ?? "")} at ${host}`),
    account: accountId?.value ?? "",
    apiURL: baseURL.value,
    readOnly: flags.readOnly ?? false,
  };
}

function announce({ stdout }: Context, link: string, { label, readOnly }: Place): void {
  const lines = [
    `kvplug shows ${label}${readOnly ? ", and writes nothing" : ""}:`,
    "",
    `  ${link}`,
    "",
    "Who has this address can use it: it is for you alone, and for this run. Ctrl-C stops it.",
  ];
  stdout.write(escapeLines(`${lines.join("\n")}\n`));
}
