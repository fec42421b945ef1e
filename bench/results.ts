import type { BudgetResult } from "./budget.ts";
import type { CacheWorkName } from "./cache-works.ts";
import type { Result } from "./compare.ts";
import type { Conditions } from "./conditions.ts";
import type { CacheResult } from "./compare-caches.ts";
import type { ImportResult } from "./imports.ts";
import type { Stampede } from "./stampede.ts";
import type { WorkName } from "./works.ts";

/** All that a run found, as `results.json` keeps it. Times are in milliseconds. */
export interface Results {
  readonly conditions: Conditions;
  readonly works: Partial<Record<WorkName, readonly Result[]>>;
  readonly budget: readonly BudgetResult[];
  readonly caches: Partial<Record<CacheWorkName, readonly CacheResult[]>>;
  /** Over a backend that answers, and over one that refuses. */
  readonly stampedes: { readonly answered: readonly Stampede[]; readonly refused: readonly Stampede[] };
  readonly imports: readonly ImportResult[];
}
