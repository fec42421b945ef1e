import type { Address, ClientName } from "./clients.ts";
import { CLIENTS } from "./clients.ts";
import type { ClientQuestion, ClientSetup } from "./client-process.ts";
import { Helper } from "./helper.ts";
import { median, type Measured } from "./measure.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";
import { KEYS, WORKS, type WorkName } from "./works.ts";

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

/** What a client takes a second or more for is measured on fewer operations, and scaled. */
const SLOW_CLIENT_OPERATIONS = 2_000;
const NAMES = Object.keys(CLIENTS) as ClientName[];
const SLOW: ReadonlySet<ClientName> = new Set<ClientName>(["cloudflare (SDK)", "unstorage"]);

/**
 * Has all clients do all works at one latency. They take turns within each round, and each round
 * begins with another one, so that what disturbs the machine disturbs them alike; the first round
 * warms up and does not count.
 */
export async function compare(
  latency: number,
  rounds: number,
  report: (work: WorkName, results: Result[]) => void,
): Promise<void> {
  await using server = new Helper("server-process.ts", { keys: KEYS, latency } satisfies ServerSetup);
  const address = await server.ask<Address>("address" satisfies ServerQuestion);
  await using stack = new AsyncDisposableStack();
  const clients = NAMES.map((name) => ({
    name,
    process: stack.use(new Helper("client-process.ts", { name, address } satisfies ClientSetup)),
  }));

  for (const [work, { operations: all, latency: at }] of entries(WORKS)) {
    if (at !== latency) continue;
    const runs = new Map(NAMES.map((name) => [name, [] as (Measured & { requests: number })[]]));
    for (let round = 0; round <= rounds; round++) {
      const first = round % clients.length;
      for (const { name, process } of [...clients.slice(first), ...clients.slice(0, first)]) {
        const operations = operationsOf(name, all);
        await server.ask("requests" satisfies ServerQuestion);
        const { cpu, elapsed } = await process.ask<Measured>({ work, operations } satisfies ClientQuestion);
        const requests = await server.ask<number>("requests" satisfies ServerQuestion);
        const perOperation = { cpu: cpu / operations, elapsed: elapsed / operations };
        if (round > 0) runs.get(name)!.push({ ...perOperation, requests: (requests * all) / operations });
      }
    }
    const base = runs.get(NAMES[0]!)!;
    report(
      work,
      NAMES.map((client) => {
        const own = runs.get(client)!;
        return {
          client,
          operations: operationsOf(client, all),
          requests: Math.max(...own.map(({ requests }) => requests)),
          cpu: median(own.map(({ cpu }) => cpu)),
          elapsed: median(own.map(({ elapsed }) => elapsed)),
          cpuRatio: median(own.map(({ cpu }, i) => cpu / base[i]!.cpu)),
          throughputRatio: median(own.map(({ elapsed }, i) => base[i]!.elapsed / elapsed)),
        };
      }),
    );
  }
}

function operationsOf(client: ClientName, all: number): number {
  return SLOW.has(client) ? Math.min(all, SLOW_CLIENT_OPERATIONS) : all;
}

function entries<Key extends string, Value>(record: Record<Key, Value>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][];
}
