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
  /** The median, over the rounds, of CPU in multiples of what the first client that can do the work took in the same round. */
  readonly cpuRatio: number;
  /** The same for operations a second. */
  readonly throughputRatio: number;
}

/** How thorough a comparison is. */
export interface Pains {
  readonly rounds: number;
  /**
   * So long each client is at work before it counts, in milliseconds. Just-in-time compilers take their
   * time, and a client that makes few requests of many operations needs as much of it as any other.
   */
  readonly warmUp: number;
  /** All but these do only this share of a work: they make a request of each operation, which takes them seconds. */
  readonly whole: ReadonlySet<ClientName>;
  readonly share: number;
}

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
  pains: Pains,
  report: (work: WorkName, results: Result[]) => void,
): Promise<void> {
  const setup: ServerSetup = { keys: KEYS, listed: latency === 0, latency };
  await using server = new Helper("server-process.ts", setup);
  const address = await server.ask<Address>("address" satisfies ServerQuestion);
  await using processes = new AsyncDisposableStack();
  const contenders = (Object.keys(CLIENTS) as ClientName[]).map((client) => {
    const process = new Helper("client-process.ts", { name: client, address } satisfies ClientSetup);
    return { client, process: processes.use(process), turns: [] };
  });
  for (const [name, work] of Object.entries(WORKS) as [WorkName, Work][]) {
    if (work.latency !== latency) continue;
    const job: Job = { name, work, server, pains };
    const able: Contender[] = [];
    for (const contender of contenders) if (await warmUp(job, contender)) able.push({ ...contender, turns: [] });
    await takeTurns(able, pains.rounds * work.turns, (contender) => takeTurn(job, contender));
    report(
      name,
      able.map((contender) => summarise(job, contender, able[0]!)),
    );
  }
}

/** A work, where it is done, and how thoroughly. */
interface Job {
  readonly name: WorkName;
  readonly work: Work;
  readonly server: Helper;
  readonly pains: Pains;
}

/** Has a client do a work until it is warm; `false` where it cannot do it. */
async function warmUp(job: Job, contender: Contender): Promise<boolean> {
  for (let spent = 0; spent < job.pains.warmUp;) {
    const measured = await doWork(job, contender);
    if (measured === null) return false;
    spent += measured.elapsed;
  }
  return true;
}

async function takeTurn(job: Job, contender: Contender): Promise<void> {
  const operations = operationsOf(contender.client, job);
  const { cpu, elapsed } = (await doWork(job, contender))!;
  const requests = await job.server.ask<number>("requests" satisfies ServerQuestion);
  contender.turns.push({ cpu: cpu / operations, elapsed: elapsed / operations, requests: requests / operations });
}

async function doWork(job: Job, { client, process }: Contender): Promise<Measured | null> {
  const { name, work, server } = job;
  await server.ask((work.dooms === true ? "doom" : "requests") satisfies ServerQuestion);
  return process.ask({ work: name, operations: operationsOf(client, job) } satisfies ClientQuestion);
}

function summarise(job: Job, { client, turns }: Contender, base: Contender): Result {
  return {
    client,
    operations: operationsOf(client, job),
    requests: Math.round(job.work.operations * Math.max(...turns.map(({ requests }) => requests))),
    cpu: median(turns.map(({ cpu }) => cpu)),
    elapsed: median(turns.map(({ elapsed }) => elapsed)),
    cpuRatio: median(turns.map(({ cpu }, i) => cpu / base.turns[i]!.cpu)),
    throughputRatio: median(turns.map(({ elapsed }, i) => base.turns[i]!.elapsed / elapsed)),
  };
}

function operationsOf(client: ClientName, { work, pains }: Job): number {
  // What is listed or cleared is so many keys for all.
  const whole = pains.whole.has(client) || work.needs !== undefined;
  return whole ? work.operations : work.operations * pains.share;
}
