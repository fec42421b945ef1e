import { CLIENTS, type Address, type ClientName } from "./clients.ts";
import type { ClientQuestion, ClientSetup } from "./client-process.ts";
import { Helper } from "./helper.ts";
import { median, type Measured } from "./measure.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";
import { takeTurns } from "./turns.ts";
import { KEYS, WORKS, type Work, type WorkName } from "./works.ts";

/** How a client did a work. */
export interface Result {
  readonly client: ClientName;
  /** How many operations were made, where the work was cut short for it. */
  readonly operations: number;
  /** As many as the whole work takes. */
  readonly requests: number;
  /** Per operation, in milliseconds. */
  readonly cpu: number;
  /** Per operation, in milliseconds. */
  readonly elapsed: number;
  /** The median, over the rounds, of CPU in multiples of what the first client took in the same round. */
  readonly cpuRatio: number;
  /** The same for operations a second. */
  readonly throughputRatio: number;
}

/** Clients that would take seconds for a work do a fifth of it. */
const SLOW: ReadonlySet<ClientName> = new Set<ClientName>(["cloudflare (SDK)", "unstorage"]);
const SLOW_SHARE = 0.2;

/**
 * So long each client is at work before it counts, in milliseconds. Just-in-time compilers take their
 * time, and a client that makes few requests of many operations needs as much of it as any other.
 */
const WARM_UP = 2_500;

/** What one turn took, per operation. */
type Turn = Measured & { readonly requests: number };

interface Contender {
  readonly client: ClientName;
  readonly process: Helper;
  readonly turns: Turn[];
}

/** Has all clients do all works at one latency, each client in a process of its own. */
export async function compare(
  latency: number,
  rounds: number,
  report: (work: WorkName, results: Result[]) => void,
): Promise<void> {
  await using server = new Helper("server-process.ts", { keys: KEYS, latency } satisfies ServerSetup);
  const address = await server.ask<Address>("address" satisfies ServerQuestion);
  await using processes = new AsyncDisposableStack();
  const contenders = (Object.keys(CLIENTS) as ClientName[]).map((client) => {
    const setup: ClientSetup = { name: client, address };
    return { client, process: processes.use(new Helper("client-process.ts", setup)), turns: [] };
  });
  for (const [name, work] of Object.entries(WORKS) as [WorkName, Work][]) {
    if (work.latency !== latency) continue;
    for (const contender of contenders) await warmUp(name, contender);
    for (const { turns } of contenders) turns.length = 0;
    await takeTurns(contenders, rounds * work.turns, (contender) => takeTurn(name, contender, server));
    report(
      name,
      contenders.map((contender) => summarise(work, contender, contenders[0]!)),
    );
  }
}

async function warmUp(work: WorkName, { client, process }: Contender): Promise<void> {
  const question: ClientQuestion = { work, operations: operationsOf(client, WORKS[work]) };
  for (let spent = 0; spent < WARM_UP;) spent += (await process.ask<Measured>(question)).elapsed;
}

async function takeTurn(work: WorkName, { client, process, turns }: Contender, server: Helper): Promise<void> {
  const operations = operationsOf(client, WORKS[work]);
  await server.ask("requests" satisfies ServerQuestion);
  const { cpu, elapsed } = await process.ask<Measured>({ work, operations } satisfies ClientQuestion);
  const requests = await server.ask<number>("requests" satisfies ServerQuestion);
  turns.push({ cpu: cpu / operations, elapsed: elapsed / operations, requests: requests / operations });
}

function summarise(work: Work, { client, turns }: Contender, base: Contender): Result {
  return {
    client,
    operations: operationsOf(client, work),
    requests: Math.round(work.operations * Math.max(...turns.map(({ requests }) => requests))),
    cpu: median(turns.map(({ cpu }) => cpu)),
    elapsed: median(turns.map(({ elapsed }) => elapsed)),
    cpuRatio: median(turns.map(({ cpu }, i) => cpu / base.turns[i]!.cpu)),
    throughputRatio: median(turns.map(({ elapsed }, i) => base.turns[i]!.elapsed / elapsed)),
  };
}

function operationsOf(client: ClientName, { operations }: Work): number {
  return SLOW.has(client) ? operations * SLOW_SHARE : operations;
}
