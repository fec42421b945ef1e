import type { KVNamespace } from "@kvplug/core/seam";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/**
 * Cloudflare's own runtime with Miniflare's storage, in memory: one for each process, as its start costs more than most
 * suites do. Each ground takes a namespace of its own, and each gateway a Worker of its own.
 */
interface Runtime {
  readonly miniflare: Miniflare;
  /** What the Workers logged so far. */
  readonly log: readonly string[];
}

/** One after the other, as none of them is emptied. */
const namespaces = Array.from({ length: 100 }, (_, i) => `KV_${i}`);
const workers = ["gateway-0", "gateway-1", "gateway-2", "gateway-3"];

const free = { namespaces: [...namespaces], workers: [...workers] };
let runtime: Promise<Runtime> | undefined;

/** The runtime of this process. It ends with the process. */
export function startWorkerd(): Promise<Runtime> {
  return (runtime ??= start());
}

/** Takes a namespace that nobody has used: the name of its binding in each Worker. */
export function takeNamespace(): string {
  return take("namespaces");
}

/** A namespace of the runtime, as this process sees it. */
export async function openNamespace(name: string): Promise<KVNamespace> {
  const { miniflare } = await startWorkerd();
  return askedAgain((await miniflare.getKVNamespace(name)) as unknown as KVNamespace);
}

/**
 * Each method is looked up once: Miniflare asks workerd for it, twice, while this thread waits. And it asks again where
 * workerd closed the connection that Miniflare kept to it, as it does to one that a slow process leaves idle. KV's calls
 * may be repeated.
 */
function askedAgain(kv: KVNamespace): KVNamespace {
  const methods = new Map<string | symbol, unknown>();
  const lookUp = (name: string | symbol): unknown => {
    const method: unknown = Reflect.get(kv, name);
    if (typeof method !== "function") return method;
    return async (...args: unknown[]) => {
      const ask = (): unknown => Reflect.apply(method, kv, args);
      try {
        return await ask();
      } catch (error) {
        const { code } = Object((error as Error | undefined)?.cause) as { code?: unknown };
        if (code !== "UND_ERR_SOCKET") throw error;
        return ask();
      }
    };
  };
  return new Proxy({} as KVNamespace, {
    has: (_, name) => name in kv,
    get(_, name) {
      if (!methods.has(name)) methods.set(name, lookUp(name));
      return methods.get(name);
    },
  });
}

/** Takes a Worker for a gateway, by name. */
export function takeWorker(): string {
  return take("workers");
}

/** Gives a Worker back. */
export function freeWorker(name: string): void {
  free.workers.push(name);
}

function take(kind: keyof typeof free): string {
  const name = free[kind].shift();
  if (name === undefined) throw new Error(`No more ${kind} in this process's workerd. See test/support/workerd.ts.`);
  return name;
}

async function start(): Promise<Runtime> {
  const log: string[] = [];
  const script = await bundle();
  // The version that wrangler brings along, so that workerd is installed once; it converts the documented options.
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      handleStructuredLogs: ({ message }) => void log.push(message),
      workers: workers.map((name) => ({
        name,
        modules: true,
        script,
        compatibilityDate: "2026-01-01",
        kvNamespaces: namespaces,
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      })),
    }),
  );
  await miniflare.ready;
  return { miniflare, log };
}

/** The Worker as wrangler would bundle it. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/gateway-worker.ts`],
    bundle: true,
    format: "esm",
    target: "es2023",
    conditions: ["workerd", "worker", "browser"],
    write: false,
  });
  return outputFiles[0]!.text;
}
