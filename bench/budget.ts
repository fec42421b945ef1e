import type { BudgetAnswer } from "./budget-process.ts";
import type { Address, ClientName } from "./clients.ts";
import { Helper } from "./helper.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";

/** A tenth of Cloudflare's requests, 1,200, in a hundredth of its window, 300 s. */
export const LIMIT = { requests: 120, window: 3_000 };

/** What became of reads of one tick under {@link LIMIT}. */
export interface BudgetResult extends BudgetAnswer {
  readonly client: ClientName;
  readonly reads: number;
  /** How many requests were sent, the refused ones with them. */
  readonly requests: number;
}

/** Has a client read far more in one tick than single requests could within the budget, and does not tell it what that is. */
export async function underBudget(client: ClientName, reads: number): Promise<BudgetResult> {
  await using server = new Helper("server-process.ts", { keys: reads, rateLimit: LIMIT } satisfies ServerSetup);
  const address = await server.ask<Address>("address" satisfies ServerQuestion);
  await using process = new Helper("budget-process.ts", { name: client, address });
  const answer = await process.ask<BudgetAnswer>(reads);
  return { client, reads, ...answer, requests: await server.ask<number>("requests" satisfies ServerQuestion) };
}
