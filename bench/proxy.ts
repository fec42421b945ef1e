/**
 * What a proxy changes for clients in many processes: answers and requests under a short budget, hot keys, what a lone
 * read costs, and throughput. `pnpm bench:proxy` takes three minutes. The numbers of requests are exact; times and CPU
 * are a hint.
 */
import type { Address } from "./clients.ts";
import { count, table } from "./format.ts";
import { Helper } from "./helper.ts";
import type { ProxyClientAnswer, ProxyClientQuestion, ProxyClientSetup } from "./proxy-client-process.ts";
import type { ProxyQuestion, ProxySetup } from "./proxy-process.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";

const BUDGET = { requests: 120, window: 3000 };

/** What is measured: through what clients ask, and what came of it. */
interface Run {
  readonly answers: readonly ProxyClientAnswer[];
  /** How many requests came upstream. */
  readonly requests: number;
  /** The CPU of what is between, in milliseconds. */
  readonly cpu: number;
}

/** What the server is like, what the proxy keeps, and what each process asks. */
interface Asked {
  readonly setup?: Partial<ServerSetup>;
  readonly cache?: number;
  readonly question: (process: number) => ProxyClientQuestion;
}

type Between = ProxySetup["name"] | "direct";

/** Has clients ask, each for keys of its own or all for the same. */
async function run(
  between: Between,
  client: ProxyClientSetup["name"],
  processes: number,
  { setup = {}, cache, question }: Asked,
): Promise<Run> {
  await using server = new Helper("server-process.ts", { keys: 20_000, ...setup } satisfies ServerSetup);
  const upstream = await server.ask<Address>("address" satisfies ServerQuestion);
  const proxy =
    between === "direct" ? undefined : new Helper("proxy-process.ts", setupOf(between, upstream, setup, cache));
  const baseURL = (await proxy?.ask<string>("url" satisfies ProxyQuestion)) ?? upstream.baseURL;
  const address = { ...upstream, baseURL };
  const clients: Helper[] = [];
  for (let i = 0; i < processes; i++)
    clients.push(new Helper("proxy-client-process.ts", { name: client, address } satisfies ProxyClientSetup));
  // Each has started, and asked once.
  await Promise.all(clients.map((one) => one.ask({ from: 0, keys: 0, loops: 0 } satisfies ProxyClientQuestion)));
  // What that spent is there again.
  if (setup.rateLimit) await new Promise((resolve) => setTimeout(resolve, 2 * setup.rateLimit!.window));
  await server.ask("requests" satisfies ServerQuestion);
  const before = (await proxy?.ask<number>("cpu" satisfies ProxyQuestion)) ?? 0;
  const answers = await Promise.all(clients.map((one, i) => one.ask<ProxyClientAnswer>(question(i))));
  const cpu = ((await proxy?.ask<number>("cpu" satisfies ProxyQuestion)) ?? 0) - before;
  const requests = await server.ask<number>("requests" satisfies ServerQuestion);
  await Promise.all([...clients, ...(proxy ? [proxy] : [])].map((one) => one[Symbol.asyncDispose]()));
  return { answers, requests, cpu };
}

function setupOf(
  name: ProxySetup["name"],
  upstream: Address,
  { rateLimit }: Partial<ServerSetup>,
  cache?: number,
): ProxySetup {
  return { name, upstream, ...(rateLimit && { rateLimit }), ...(cache !== undefined && { cache }) };
}

const answered = ({ answers }: Run): number => answers.reduce((all, one) => all + one.answered, 0);
const longest = ({ answers }: Run): number => Math.max(...answers.map(({ elapsed }) => elapsed));
const outcome = (one: Run): string =>
  `${count(answered(one))} answered, ${count(one.requests)} requests, ${(longest(one) / 1000).toFixed(1)} s`;

const rows: string[][] = [];
async function compare(what: string, client: ProxyClientSetup["name"], processes: number, asked: Asked): Promise<void> {
  const direct = await run("direct", client, processes, asked);
  const proxied = await run("the proxy", client, processes, asked);
  rows.push([what, outcome(direct), outcome(proxied)]);
  console.error(rows.at(-1)!.join(" | "));
}

const short = { setup: { rateLimit: BUDGET } };

/** The parts, each of which can be asked for: `pnpm bench:proxy lone`. */
const PARTS: Record<string, () => Promise<void>> = {
  sdk: () =>
    compare("the official SDK, 8 processes, 10,000 reads at once", "the official SDK", 8, {
      ...short,
      question: (i) => ({ from: i * 1250, keys: 1250 }),
    }),
  kvplug: () =>
    compare("kvplug, 16 processes, 20,000 reads at once", "kvplug", 16, {
      ...short,
      question: (i) => ({ from: i * 1250, keys: 1250 }),
    }),
  hot: () =>
    compare("kvplug, 16 processes, the same 1,000 keys; the proxy with a cache", "kvplug", 16, {
      cache: 10_000,
      question: () => ({ from: 0, keys: 1000 }),
    }),
  loops: () => inTurn("64 loops over 4 processes, 20 ms upstream", 4, 2000, 16, { latency: 20 }),
  lone: () => inTurn("one get after another", 1, 500, 1, {}),
};

for (const [name, part] of Object.entries(PARTS)) {
  if (process.argv[2] === undefined || process.argv[2] === name) await part();
}
if (rows.length > 0) console.log(table(["", "direct", "through the proxy"], rows));

/**
 * Gets in some loops in each process, by turns through each way, the best of ten rounds: what else runs on a machine
 * only adds to it.
 */
async function inTurn(
  what: string,
  processes: number,
  keys: number,
  loops: number,
  injection: Partial<ServerSetup>,
): Promise<void> {
  await using server = new Helper("server-process.ts", { keys: processes * keys, ...injection } satisfies ServerSetup);
  const upstream = await server.ask<Address>("address" satisfies ServerQuestion);
  const ways = await Promise.all(
    (["direct", "a bare pass-through", "the proxy"] as const).map(async (name) => {
      const between = name === "direct" ? undefined : new Helper("proxy-process.ts", setupOf(name, upstream, {}));
      const baseURL = (await between?.ask<string>("url" satisfies ProxyQuestion)) ?? upstream.baseURL;
      const setup: ProxyClientSetup = { name: "kvplug", address: { ...upstream, baseURL } };
      const clients = Array.from({ length: processes }, () => new Helper("proxy-client-process.ts", setup));
      return { name, between, clients, time: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY };
    }),
  );
  // The first three are for the compiler.
  for (let round = -3; round < 10; round++) {
    for (const way of ways) {
      const cpuSoFar = async (): Promise<number> => (await way.between?.ask("cpu" satisfies ProxyQuestion)) ?? 0;
      const before = await cpuSoFar();
      const answers = await Promise.all(
        way.clients.map((client, i) =>
          client.ask<ProxyClientAnswer>({ from: i * keys, keys, loops } satisfies ProxyClientQuestion),
        ),
      );
      const cpu = (await cpuSoFar()) - before;
      if (round < 0) continue;
      way.time = Math.min(way.time, Math.max(...answers.map(({ elapsed }) => elapsed)) / keys);
      way.cpu = Math.min(way.cpu, cpu / processes / keys);
    }
  }
  const [direct] = ways;
  const micros = (milliseconds: number): string => `${count(milliseconds * 1000)} µs`;
  const figures = ways.map(({ name, between, time, cpu }) => [
    name,
    micros(time),
    (direct!.time / time).toFixed(2),
    between ? micros(cpu) : "",
  ]);
  console.log(table([what, "time of each", "throughput", "CPU of what is between"], figures));
  for (const { between, clients } of ways) {
    for (const client of clients) await client[Symbol.asyncDispose]();
    await between?.[Symbol.asyncDispose]();
  }
}
