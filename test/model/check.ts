import * as fc from "fast-check";
import type { History } from "./history.ts";
import { breaches } from "./laws.ts";
import { anyProgram, printed, type Program } from "./programs.ts";
import { run } from "./run.ts";
import { runSteps } from "./steps.ts";
import { tidied } from "./tidy.ts";

/** How many programs of one seed are run before another one is taken. */
const RUNS_A_SEED = 500;

/** What to run. `KVPLUG_MODEL_SEED` and `KVPLUG_MODEL_PROGRAMS` say otherwise. */
export interface Plan {
  /** How many programs. */
  readonly programs: number;
  /** Where they come from. Default: chance. */
  readonly seed?: number;
  /** When to begin no more, in milliseconds of the real clock from now. */
  readonly until?: number;
}

/** What was run, by which a test sees that there was something to judge. */
export interface Tally {
  programs: number;
  resolved: number;
  rejected: number;
  requests: number;
  /** Requests that the client gave up, and that took effect all the same, afterwards. */
  late: number;
}

/**
 * Runs random programs, until one breaks a law.
 *
 * @throws The shortest program found that breaks a law, as code.
 */
export async function checkPrograms(plan: Plan): Promise<Tally> {
  const given = process.env["KVPLUG_MODEL_SEED"];
  const programs = Number(process.env["KVPLUG_MODEL_PROGRAMS"] ?? plan.programs);
  const first = given === undefined ? (plan.seed ?? Date.now() % 1_000_000_000) : Number(given);
  const began = Date.now();
  const tally: Tally = { programs: 0, resolved: 0, rejected: 0, requests: 0, late: 0 };
  for (let seed = first; tally.programs < programs; seed++) {
    if (plan.until !== undefined && Date.now() - began > plan.until) break;
    const numRuns = Math.min(RUNS_A_SEED, programs - tally.programs);
    const found = await fc.check(
      fc.asyncProperty(anyProgram, async (program) => (await broken(program, tally)).length === 0),
      { seed, numRuns },
    );
    tally.programs += found.numRuns;
    if (!found.failed) continue;
    const [program] = found.counterexample!;
    throw new Error(await report(program, seed, found.numRuns));
  }
  return tally;
}

/** The laws that a program breaks; `KVPLUG_MODEL_LAWS=bc` looks for these alone. */
export async function broken(program: Program, tally?: Tally): Promise<string[]> {
  const history = await run(program.setup, (tools) => runSteps(program.steps, tools));
  if (tally) count(history, tally);
  const found = breaches(history, program.setup);
  const letters = process.env["KVPLUG_MODEL_LAWS"];
  return letters === undefined ? found : found.filter((breach) => letters.includes(breach[0]!));
}

function count({ calls, attempts, effects }: History, tally: Tally): void {
  for (const { settled, error } of calls) {
    if (error) tally.rejected++;
    else if (settled) tally.resolved++;
  }
  tally.requests += attempts.length;
  tally.late += effects.filter(({ attempt, place }) => attempt?.over && attempt.over.place < place).length;
}

async function report(found: Program, seed: number, runs: number): Promise<string> {
  const letter = (await broken(found))[0]?.[0];
  if (letter === undefined) return `Seed ${seed} broke a law once, and not again, in\n${printed(found)}`;
  const program = await tidied(found, async (one) => (await broken(one)).some((breach) => breach[0] === letter));
  return [
    `A program breaks a law of test/model/laws.ts (found after ${runs} programs of seed ${seed}):`,
    ...(await broken(program)),
    "",
    printed(program),
    "",
    `KVPLUG_MODEL_SEED=${seed} KVPLUG_MODEL_PROGRAMS=${runs} finds it again.`,
  ].join("\n");
}
