/**
 * Cached pages of Next.js: `@kvplug/next` over a local KV beside `@fortedigital/nextjs-cache-handler` over a real
 * redis-server, in one run on one machine. It prints the CPU of a view and how long views take, for a page that an instance
 * has served before (warm), and for pages that another instance made (cold), and what each does when its store dies.
 * `pnpm bench:next` takes three minutes, builds included. Needs `redis-server`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asDependencies, packAll } from "../scripts/pack.ts";
import { buildApp, type BuiltApp, type RunningApp } from "../test/frameworks/support/app.ts";
import { freePort } from "../test/support/free-port.ts";
import type { Address } from "./clients.ts";
import { count, table } from "./format.ts";
import { Helper } from "./helper.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";

const COLD_PAGES = 200;
const WARM_VIEWS = 2_000;
const AT_ONCE = 8;
const ROUNDS = 2;

/** A store in a process of its own, and an app that uses it. */
interface Contestant {
  readonly name: string;
  readonly handler: "kvplug" | "redis";
  readonly env: Record<string, string>;
  kill(): Promise<void>;
}

/** Whatever happens, no store and no app is left. */
await using left = new AsyncDisposableStack();
const packed = await mkdtemp(join(tmpdir(), "kvplug-bench-"));
left.defer(() => rm(packed, { recursive: true }));
const tarballs = asDependencies(await packAll(packed));
const source = join(import.meta.dirname, "next-app");
const shape = { output: ".", entry: "node_modules/next/dist/bin/next", args: ["start"] };
const apps = { kvplug: await build("kvplug"), redis: await build("redis") };

const contestants = [await onKV(), await onRedis()];
const figures = new Map(
  contestants.map(({ name }) => [
    name,
    { cold: [] as number[], warm: [] as number[], rate: [] as number[], cpu: [] as number[], anew: 0 },
  ]),
);
for (let round = 0; round < ROUNDS; round++) {
  for (const contestant of contestants) await measure(contestant, round);
}
console.log(
  table(
    ["a cached page of 20 KB", "CPU ms a view", "views/s", "p50 ms", "p99 ms", "cold: p50 ms", "p99 ms", "made anew"],
    contestants.map(({ name }) => {
      const { cold, warm, rate, cpu, anew } = figures.get(name)!;
      const times = [quantile(warm, 0.5), quantile(warm, 0.99), quantile(cold, 0.5), quantile(cold, 0.99)];
      return [
        name,
        quantile(cpu, 0.5).toFixed(2),
        count(quantile(rate, 0.5)),
        ...times.map((time) => time.toFixed(1)),
        count(anew),
      ];
    }),
  ),
);

console.log("\nTwenty views of a page that was served before, and of twenty that were not, after the store died:");
for (const contestant of contestants) console.log(`- ${contestant.name}: ${await withoutStore(contestant)}`);

async function build(handler: Contestant["handler"]): Promise<BuiltApp> {
  const app = await buildApp(source, tarballs, { BENCH_HANDLER: handler }, shape);
  left.defer(() => app.remove());
  return app;
}

/** One instance makes pages; another, which is new, serves each once, and then one of them over and over. */
async function measure(contestant: Contestant, round: number): Promise<void> {
  const paths = Array.from({ length: COLD_PAGES }, (_, i) => `/page/${round}-${i}`);
  const maker = await start(contestant);
  const made = new Map<string, string>();
  await eachAtOnce(paths, async (path) => void made.set(path, await view(maker, path)));
  await settle();
  await maker.stop();

  const server = await start(contestant);
  const { cold, warm, rate, cpu } = figures.get(contestant.name)!;
  // Next itself, and its first connection to the store, are warm.
  await view(server, `/page/${round}-warm-up`);
  for (const path of paths) {
    const [text, took] = await timed(() => view(server, path));
    cold.push(took);
    if (text !== made.get(path)) figures.get(contestant.name)!.anew++;
  }
  const cpuBefore = await cpuOf(server);
  const views = Array.from({ length: WARM_VIEWS }, () => paths[0]!);
  const [, all] = await timed(() =>
    eachAtOnce(views, async (path) => void warm.push((await timed(() => view(server, path)))[1])),
  );
  rate.push((WARM_VIEWS / all) * 1000);
  cpu.push(((await cpuOf(server)) - cpuBefore) / WARM_VIEWS);
  await server.stop();
}

async function withoutStore(contestant: Contestant): Promise<string> {
  const instance = await start(contestant);
  await view(instance, "/page/known");
  await settle();
  await contestant.kill();
  const known = await outcomes(instance, () => "/page/known");
  const others = await outcomes(instance, (i) => `/page/other-${i}`);
  await instance.stop();
  return `${known}; ${others}`;
}

async function outcomes(instance: RunningApp, pathOf: (i: number) => string): Promise<string> {
  const times: number[] = [];
  const failures: string[] = [];
  for (let i = 0; i < 20; i++) {
    const [failure, took] = await timed(async () => {
      try {
        const response = await instance.fetch(pathOf(i), { signal: AbortSignal.timeout(10_000) });
        await response.text();
        return response.ok ? undefined : String(response.status);
      } catch (error) {
        return (error as Error).name;
      }
    });
    times.push(took);
    if (failure !== undefined) failures.push(failure);
    // Views that hang tell enough.
    if (failures.length === 3) break;
  }
  const failed = failures.length === 0 ? "no failure" : `${failures.length} of ${times.length} failed (${failures[0]})`;
  return `${failed}, the slowest ${count(Math.max(...times))} ms, p50 ${count(quantile(times, 0.5))} ms`;
}

async function start({ handler, env }: Contestant): Promise<RunningApp> {
  const running = await apps[handler].start({ ...env, BENCH_HANDLER: handler });
  left.defer(() => running.stop());
  return running;
}

async function view(instance: RunningApp, path: string): Promise<string> {
  const response = await instance.fetch(path);
  const text = await response.text();
  const made = /made ([\da-f-]{36})/.exec(text)?.[1];
  if (!response.ok || made === undefined) throw new Error(`${path}: ${response.status}\n${instance.log()}`);
  return made;
}

async function eachAtOnce(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  const todo = [...paths];
  const worker = async (): Promise<void> => {
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) await work(path);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const begun = performance.now();
  const result = await work();
  return [result, performance.now() - begun];
}

/** What an instance has used of its processor, in milliseconds: Linux counts it in hundredths of a second. */
async function cpuOf({ pid }: RunningApp): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** What is written behind a visitor's back is there by then. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_000));
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

async function onKV(): Promise<Contestant> {
  const server = left.use(new Helper("server-process.ts", { keys: 0 } satisfies ServerSetup));
  const { baseURL, accountId, namespaceId } = await server.ask<Address>("address" satisfies ServerQuestion);
  const env = {
    CLOUDFLARE_API_BASE_URL: baseURL,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    CLOUDFLARE_KV_NAMESPACE_ID: namespaceId,
    CLOUDFLARE_API_TOKEN: "bench",
  };
  return { name: "@kvplug/next", handler: "kvplug", env, kill: () => server[Symbol.asyncDispose]() };
}

async function onRedis(): Promise<Contestant> {
  const port = await freePort();
  const args = ["--port", String(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
  const redis = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  const ready = new Promise<void>((resolve) => {
    redis.stdout.setEncoding("utf8").on("data", (text: string) => text.includes("Ready to accept") && resolve());
  });
  await ready;
  const ended = once(redis, "exit");
  const kill = async (): Promise<void> => {
    redis.kill("SIGKILL");
    await ended;
  };
  left.defer(kill);
  const env = { REDIS_URL: `redis://127.0.0.1:${port}` };
  return { name: "@fortedigital/nextjs-cache-handler", handler: "redis", env, kill };
}
