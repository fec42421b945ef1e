import {
  createClient,
  type KV,
  type KVBudget,
  type KVClient,
  type KVClientOptions,
  type Milliseconds,
} from "@kvplug/core";
import { FRESH, isKVError, type Fresh } from "@kvplug/core/seam";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { variable, type Context, type Environment } from "../context.ts";
import type { BoundNamespace, Configuration } from "../wrangler/configuration.ts";
import type { LocalState } from "../wrangler/local-state.ts";
import { accountOptions } from "./account-options.ts";
import { parseAddress, type Address } from "./address.ts";
import { findNamespace, listed, listNamespaces, onlyNamespace } from "./find-namespace.ts";
import type { AccountFlags, NamespaceFlags, PlaceFlags } from "./flags.ts";
import { readProfiles, type Profile } from "./profiles.ts";
import { findSettings, type Settings } from "./settings.ts";

/** How long it may take to find out why something failed. */
const PATIENCE: Milliseconds = 10_000;

/** However long the budget makes a call wait, it is not to fail for that. */
const DEADLINE: Milliseconds = 24 * 60 * 60 * 1000;

/** A bulk write's body. Less than the API takes, since several of them are in memory. */
const MAX_BODY_BYTES = 16_000_000;

/** What some commands use instead of connections of their own. */
const LENT: WeakMap<Context, Connections> = new WeakMap();

/** A namespace that a command works on. */
export interface Target {
  readonly kv: KV;
  readonly id: string;
  /** As it was named: an address, a title or an id. */
  readonly name: string;
  readonly client: KVClient;
  /** The account, and where it is. */
  readonly account: string;
  /** How many requests may run at once, where somebody wants a number. */
  readonly concurrency: number | undefined;
  /** What is left of its request budget. */
  budget(): KVBudget | undefined;
}

/** The accounts that a command talks to. Namespaces of the same account share one client, and so one budget. */
export class Connections implements AsyncDisposable {
  readonly #env: Environment;
  readonly #flags: PlaceFlags;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #clients: Map<string, KVClient>;
  /** Whether the server of `kvplug serve` is asked. */
  #isLocal = false;
  #configuration: Promise<Configuration> | undefined;
  #localState: Promise<LocalState> | undefined;
  /** The bindings of {@link openWrangler}, by the ids of their namespaces. */
  #bindings: ReadonlyMap<string, string> = new Map();
  /** The namespaces that were opened, by id. */
  readonly #targets: Map<string, KVClient> = new Map();

  /** What is put around each namespace that is opened. */
  #wrap: (kv: KV) => KV = (kv) => kv;
  #isFresh = false;
  #accountName: string | undefined;

  private constructor(
    env: Environment,
    flags: PlaceFlags,
    profiles: ReadonlyMap<string, Profile>,
    clients: Map<string, KVClient> = new Map(),
  ) {
    this.#env = env;
    this.#flags = flags;
    this.#profiles = profiles;
    this.#clients = clients;
  }

  static async open({ env }: Context, flags: PlaceFlags): Promise<Connections> {
    return new Connections(env, flags, flags.local ? new Map() : await readProfiles(env));
  }

  /** Connections that read past the cache of a proxy: for who edits what they read. */
  static async openFresh(context: Context, flags: PlaceFlags): Promise<Connections> {
    const connections = await Connections.open(context, flags);
    connections.#isFresh = true;
    return connections;
  }

  /** Connections to one account, whose address and token the flags give: no profile is looked for. */
  static toAccount({ env }: Context, flags: Required<Pick<AccountFlags, "apiUrl" | "account" | "token">>): Connections {
    return new Connections(env, flags, new Map());
  }

  /** Names the account for checkpoints, where its address is another one in each run. */
  nameAccount(name: string): void {
    this.#accountName = name;
  }

  /** These connections, for a command that shall see its namespaces as `wrap` makes them; they outlive it. */
  lend(context: Context, wrap: (kv: KV) => KV): void {
    const lent = new Connections(this.#env, this.#flags, this.#profiles, this.#clients);
    lent.#wrap = wrap;
    lent.#accountName = this.#accountName;
    lent.#localState = this.#localState;
    lent.#configuration = this.#configuration;
    LENT.set(context, lent);
  }

  /** Opens all that `wrangler dev` keeps on this machine as an account, in which each binding is a title. */
  async openWrangler(): Promise<LocalState> {
    const state = await this.#openLocalState(await this.#readConfiguration());
    this.#bindings = state.bindings;
    return state;
  }

  /** The address of a namespace that has this id, in the account of the flags or at {@link openWrangler}. */
  addressOf(id: string): string {
    const binding = this.#bindings.get(id);
    // The colon says that there is no profile in front of the id.
    return binding === undefined ? `:${id}` : `wrangler:${binding}`;
  }

  /** The settings of an address; those of the flags, where none is given. */
  settings(address?: Address): Settings {
    const { profile } = address ?? {};
    if (profile !== undefined && (this.#flags.profile ?? profile) !== profile) {
      throw usageError(`--profile ${this.#flags.profile} and '${profile}:…' are two sources. Use one.`);
    }
    return findSettings(this.#env, this.#flags, this.#profiles, profile);
  }

  /**
   * Runs work on the namespaces that it opens, and closes them.
   *
   * @throws {CommandError} that lists the namespaces there are, where one that was named by an id does not exist.
   */
  static async use<Result>(
    context: Context,
    flags: PlaceFlags,
    run: (connections: Connections) => Promise<Result>,
  ): Promise<Result> {
    const lent = LENT.get(context);
    await using own = lent === undefined ? await Connections.open(context, flags) : undefined;
    const connections = (lent ?? own)!;
    try {
      return await run(connections);
    } catch (error) {
      throw await connections.#explain(error);
    }
  }

  /** The account of the flags. */
  client(settings: Settings = this.settings()): KVClient {
    const options: KVClientOptions & Fresh = { ...optionsOf(settings, this.#flags), [FRESH]: this.#isFresh };
    this.#isLocal ||= settings.isLocal;
    const id = JSON.stringify([options.baseURL, options.accountId, options.apiToken, options.email]);
    let client = this.#clients.get(id);
    if (client === undefined) {
      client = createClient(options);
      this.#clients.set(id, client);
    }
    return client;
  }

  /** An id is used unchecked: if the API does not know it, the error lists those that it knows. */
  async #explain(failure: unknown): Promise<unknown> {
    if (this.#isLocal && isKVError(failure) && failure.code === "KV_NETWORK")
      return new CommandError(EXIT.failed, `${failure.message} Start it: kvplug serve.`, failure);
    let cause = failure;
    while (cause instanceof Error && !(isKVError(cause) && cause.code === "KV_NOT_FOUND")) cause = cause.cause;
    if (!isKVError(cause)) return failure;
    for (const [id, client] of this.#targets) {
      const all = await listNamespaces(client, { order: "title", deadline: PATIENCE }).catch(() => undefined);
      if (all === undefined || all.some((one) => one.id === id)) continue;
      return new CommandError(EXIT.access, `There is no namespace '${id}': ${listed(all)}.`, failure);
    }
    return failure;
  }

  /** The namespace of an address. */
  async target(text: string | undefined): Promise<Target> {
    const address = parseAddress(text, this.#profiles);
    if (address.by === "wrangler") return this.#targetOfWrangler(address, text!);
    const bound = address.by === "binding" ? await this.#bound(address) : undefined;
    const settings = bound ? withAccountOf(bound.configuration, this.settings(address)) : this.settings(address);
    const client = this.client(settings);
    const id = bound ? idOf(bound) : await this.#id(client, settings, address);
    this.#targets.set(id, client);
    const name = text ?? settings.namespace?.value ?? id;
    const account = this.#accountName ?? `${settings.baseURL.value} ${settings.accountId?.value}`;
    return this.#target(client, id, name, account);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const localState = await this.#localState?.catch(() => undefined);
    await Promise.all([
      ...[...this.#clients.values()].map((client) => client.close()),
      localState?.[Symbol.asyncDispose](),
    ]);
  }

  #target(client: KVClient, id: string, name: string, account: string): Target {
    const { concurrency } = this.#flags;
    return { kv: this.#wrap(client.kv(id)), id, name, client, account, concurrency, budget: () => client.budget() };
  }

  /** The namespace of a binding as `wrangler dev` keeps it. */
  async #targetOfWrangler(address: Address, text: string): Promise<Target> {
    const { configuration, namespace } = await this.#bound(address);
    const { binding, localId, remote } = namespace;
    if (remote) {
      throw new CommandError(
        EXIT.access,
        `'${binding}' has no local data: ${configuration.path} sets "remote" for it. Use binding:${binding}, the namespace at Cloudflare.`,
      );
    }
    const { client, folder } = await this.#openLocalState(configuration);
    return this.#target(client, localId, text, folder);
  }

  async #openLocalState(configuration: Configuration): Promise<LocalState> {
    const { LocalState } = await import("../wrangler/local-state.ts");
    return (this.#localState ??= LocalState.open(configuration, this.#flags.persistTo, ownOptions(this.#flags)));
  }

  /** What wrangler's configuration says of an address. */
  async #bound({ namespace }: Address): Promise<Bound> {
    const { findBinding } = await import("../wrangler/configuration.ts");
    const configuration = await this.#readConfiguration();
    return { configuration, namespace: findBinding(configuration, namespace) };
  }

  async #readConfiguration(): Promise<Configuration> {
    const { readConfiguration } = await import("../wrangler/configuration.ts");
    const { wranglerConfig, env = variable(this.#env, "CLOUDFLARE_ENV") } = this.#flags;
    return (this.#configuration ??= readConfiguration(wranglerConfig, env));
  }

  #id(client: KVClient, settings: Settings, { namespace, noProfile }: Address): Promise<string> {
    const titleOrId = namespace ?? settings.namespace?.value;
    if (titleOrId !== undefined) return findNamespace(client, titleOrId, noProfile);
    if (settings.isLocal) return onlyNamespace(client);
    throw new CommandError(EXIT.access, "Which namespace? Add -n, or set CLOUDFLARE_KV_NAMESPACE_ID.");
  }
}

/** A namespace of wrangler's configuration. */
interface Bound {
  readonly configuration: Configuration;
  readonly namespace: BoundNamespace;
}

/** The namespace's id at Cloudflare. */
function idOf({ configuration: { path }, namespace: { binding, id } }: Bound): string {
  if (id !== undefined) return id;
  throw new CommandError(
    EXIT.access,
    `${path} has no id for '${binding}'. Deploy once, or add the id that \`kvplug ns create\` prints.`,
  );
}

/** The account of the configuration, where no other is named. */
function withAccountOf({ path, accountId }: Configuration, settings: Settings): Settings {
  if (settings.accountId !== undefined || accountId === undefined) return settings;
  return { ...settings, accountId: { value: accountId, from: path, source: "default" } };
}

/** Runs a command on the namespace of its flags. */
export async function withTarget<Result>(
  context: Context,
  flags: NamespaceFlags,
  run: (target: Target) => Promise<Result>,
): Promise<Result> {
  return Connections.use(context, flags, async (connections) => run(await connections.target(flags.namespace)));
}

function optionsOf(settings: Settings, flags: AccountFlags): KVClientOptions {
  const { rateLimit } = settings;
  return { ...accountOptions(settings), ...(rateLimit && { rateLimit }), ...ownOptions(flags) };
}

/** What a command wants of its clients, wherever they lead. */
function ownOptions({ timeout, concurrency }: AccountFlags): KVClientOptions {
  return {
    deadline: DEADLINE,
    // A key is written once, and what is remembered of millions of them is memory.
    writeInterval: 0,
    batch: { maxBytes: MAX_BODY_BYTES, ...(concurrency !== undefined && { maxInFlight: concurrency }) },
    ...(timeout !== undefined && { timeout }),
  };
}
