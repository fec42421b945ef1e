import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient, type KVClient, type KVClientOptions } from "@kvplug/core";
import { createGateway, createToken, hashToken } from "@kvplug/gateway";
import { CommandError, EXIT } from "../command-error.ts";
import { messageOf } from "../failure.ts";
import { WRANGLER_ACCOUNT } from "./account.ts";
import type { Configuration } from "./configuration.ts";
import { LocalBinding } from "./local-binding.ts";

/** What is used of wrangler. */
interface Wrangler {
  getPlatformProxy(options: {
    configPath: string;
    environment: string;
    persist: { path: string };
    remoteBindings: false;
  }): Promise<{ env: Readonly<Record<string, unknown>>; dispose(): Promise<void> }>;
}

/** Below the folder of the state. Wrangler calls it by the version in which the layout last changed. */
const LAYOUT = "v3";

/**
 * The KV namespaces of `wrangler dev` on this machine. The project's own wrangler reads and writes their files, whose layout
 * is its own; a gateway over its bindings makes an account of them.
 */
export class LocalState implements AsyncDisposable {
  /** The folder with the data. */
  readonly folder: string;
  readonly client: KVClient;
  /** By the ids of their namespaces: of several bindings that share one, the first. */
  readonly bindings: ReadonlyMap<string, string>;
  readonly #close: () => Promise<void>;

  private constructor(
    folder: string,
    client: KVClient,
    bindings: ReadonlyMap<string, string>,
    close: () => Promise<void>,
  ) {
    this.folder = folder;
    this.client = client;
    this.bindings = bindings;
    this.#close = close;
  }

  /**
   * Opens the namespaces of a configuration that are on this machine. Their ids are those that `wrangler dev` knows them
   * by, and their titles are their bindings.
   *
   * @param folder Where the state is. Default: `.wrangler/state` beside the configuration.
   * @throws {CommandError} where the project has no wrangler.
   */
  static async open(
    configuration: Configuration,
    folder: string | undefined,
    options: KVClientOptions,
  ): Promise<LocalState> {
    const project = dirname(configuration.path);
    const state = folder === undefined ? join(project, ".wrangler", "state") : resolve(folder);
    const wrangler = await importWrangler(project);
    const bindings = new Map<string, string>();
    for (const { localId, binding, remote } of configuration.namespaces) {
      if (!remote && !bindings.has(localId)) bindings.set(localId, binding);
    }
    const ids = [...bindings.keys()];
    // A configuration of these only: what else the Worker has is not started.
    const own = await mkdtemp(join(tmpdir(), "kvplug-wrangler-"));
    const configPath = join(own, "wrangler.json");
    const bound = ids.map((id, i) => ({ binding: bindingOf(i), id }));
    const configured = {
      name: "kvplug",
      compatibility_date: "2025-01-01",
      env: { [ENVIRONMENT]: { kv_namespaces: bound } },
    };
    await writeFile(configPath, JSON.stringify(configured));
    const proxy = await wrangler
      .getPlatformProxy({
        configPath,
        // Without one, it would be that of CLOUDFLARE_ENV.
        environment: ENVIRONMENT,
        persist: { path: join(state, LAYOUT) },
        remoteBindings: false,
      })
      .catch(async (error: unknown) => {
        await rm(own, { recursive: true, force: true });
        throw new CommandError(EXIT.failed, `wrangler cannot open ${state}: ${messageOf(error)}`, error);
      });
    const client = await openClient(proxy.env, bindings, options);
    return new LocalState(state, client, bindings, async () => {
      await client.close();
      await proxy.dispose();
      await rm(own, { recursive: true, force: true });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** The environment of that configuration. */
const ENVIRONMENT = "local";

function bindingOf(place: number): string {
  return `KV_${place}`;
}

/** A client of a gateway in this process. */
async function openClient(
  bound: Readonly<Record<string, unknown>>,
  bindings: ReadonlyMap<string, string>,
  options: KVClientOptions,
): Promise<KVClient> {
  const apiToken = createToken();
  const all = [...bindings];
  const env = {
    ...Object.fromEntries(all.map((_, i) => [bindingOf(i), new LocalBinding(bound[bindingOf(i)])])),
    KVPLUG_TOKEN_OWN: JSON.stringify({ sha256: await hashToken(apiToken), access: "read-write" }),
  };
  const gateway = createGateway({
    namespaces: Object.fromEntries(all.map(([id, title], i) => [bindingOf(i), { id, title }])),
  });
  const client = createClient({
    ...options,
    baseURL: "http://localhost/client/v4",
    accountId: WRANGLER_ACCOUNT,
    apiToken,
    fetch: (input, init) => gateway.fetch(new Request(input, init), env),
  });
  // From the first answer on, it knows how many keys the gateway takes at once.
  await client.namespaces.page(1);
  return client;
}

async function importWrangler(project: string): Promise<Wrangler> {
  let entry: string;
  try {
    entry = createRequire(join(project, "package.json")).resolve("wrangler");
  } catch (error) {
    throw new CommandError(
      EXIT.failed,
      `There is no wrangler in ${project}, and its local data need it. Run there: npm install --save-dev wrangler`,
      error,
    );
  }
  const wrangler = (await import(pathToFileURL(entry).href)) as Partial<Wrangler>;
  if (typeof wrangler.getPlatformProxy === "function") return wrangler as Wrangler;
  throw new CommandError(
    EXIT.failed,
    `The wrangler in ${project} is too old. Run there: npm install --save-dev wrangler@latest`,
  );
}
