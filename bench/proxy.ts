/**
 * What a proxy changes for clients in many processes: answers and requests under a short budget, hot keys, what a lone
 * read costs, and throughput. `pnpm bench:proxy` takes two minutes. The numbers of requests are exact; times and CPU
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

type Between = ProxySetup["name"] | "direct";

/** Has clients ask, each for keys of its own or all for the same. */
async function run(
  between: Between,
  client: ProxyClientSetup["name"],
  processes: number,
  { setup = {}, question }: { setup?: Partial<ServerSetup>; question: (process: number) => ProxyClientQuestion },
): Promise<Run> {
  await using server = new Helper("server-process.ts", { keys: 20_000, ...setup } satisfies ServerSetup);
  const upstream = await server.ask<Address>("address" satisfies ServerQuestion);
  const proxy = between === "direct" ? undefined : new Helper("proxy-process.ts", setupOf(between, upstream, setup));
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

function setupOf(name: ProxySetup["name"], upstream: Address, { rateLimit }: Partial<ServerSetup>): ProxySetup {
  return { name, upstream, ...(rateLimit && { rateLimit }) };
}

const answered = ({ answers }: Run): number => answers.reduce((all, one) => all + one.answered, 0);
const longest = ({ answers }: Run): number => Math.max(...answers.map(({ elapsed }) => elapsed));
const outcome = (one: Run): string =>
  `${count(answered(one))} answered, ${count(one.requests)} requests, ${(longest(one) / 1000).toFixed(1)} s`;

const rows: string[][] = [];
async function compare(
  what: string,
  client: ProxyClientSetup["name"],
  processes: number,
  asked: Parameters<typeof run>[3],
): Promise<void> {
  const [direct, proxied] = [
    await run("direct", client, processes, asked),
    await run("the proxy", client, processes, asked),
  ];
  rows.push([what, outcome(direct), outcome(proxied)]);
  console.error(rows.at(-1)!.join(" | "));
}

const short = { setup: { rateLimit: BUDGET } };
await compare("the official SDK, 8 processes, 10,000 reads at once", "the official SDK", 8, {
  ...short,
  question: (i) => ({ from: i * 1250, keys: 1250 }),
});
await compare("kvplug, 16 processes, 20,000 reads at once", "kvplug", 16, {
  ...short,
  question: (i) => ({ from: i * 1250, keys: 1250 }),
});
await compare("kvplug, 16 processes, the same 1,000 keys", "kvplug", 16, { question: () => ({ from: 0, keys: 1000 }) });
await compare("kvplug, 64 loops over 4 processes, 20 ms upstream, 8,000 reads", "kvplug", 4, {
  setup: { latency: 20 },
  question: (i) => ({ from: i * 2000, keys: 2000, loops: 16 }),
});
console.log(table(["", "direct", "through the proxy"], rows));

const lone: string[][] = [];
for (const between of ["direct", "a bare pass-through", "the proxy"] as const) {
  const reads = 4000;
  const one = await run(between, "kvplug", 1, { question: () => ({ from: 0, keys: reads, loops: 1 }) });
  const each = (milliseconds: number): string => `${count((milliseconds * 1000) / reads)} µs`;
  lone.push([between, each(longest(one)), between === "direct" ? "" : each(one.cpu)]);
  console.error(lone.at(-1)!.join(" | "));
}
console.log(table(["one get after another", "time of each", "CPU of what is between"], lone));
