import * as fc from "fast-check";
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
  /** When to begin no more, in milliseconds of the real clock from now. */
  readonly until?: number;
}

/**
 * Runs random programs, until one breaks a law.
 *
 * @returns How many were run.
 * @throws The shortest program found that breaks a law, as code.
 */
export async function checkPrograms(plan: Plan): Promise<number> {
  const given = process.env["KVPLUG_MODEL_SEED"];
  const programs = Number(process.env["KVPLUG_MODEL_PROGRAMS"] ?? plan.programs);
  const first = given === undefined ? Date.now() % 1_000_000_000 : Number(given);
  const began = Date.now();
  let ran = 0;
  for (let seed = first; ran < programs; seed++) {
    if (plan.until !== undefined && Date.now() - began > plan.until) break;
    const numRuns = Math.min(RUNS_A_SEED, programs - ran);
    const found = await fc.check(
      fc.asyncProperty(anyProgram, async (program) => (await broken(program)).length === 0),
      { seed, numRuns },
    );
    ran += found.numRuns;
    if (!found.failed) continue;
    const [program] = found.counterexample!;
    throw new Error(await report(program, seed, found.numRuns));
  }
  return ran;
}

/** The laws that a program breaks; `KVPLUG_MODEL_LAWS=bc` looks for these alone. */
export async function broken(program: Program): Promise<string[]> {
  const found = breaches(await run(program.setup, (tools) => runSteps(program.steps, tools)), program.setup);
  const letters = process.env["KVPLUG_MODEL_LAWS"];
  return letters === undefined ? found : found.filter((breach) => letters.includes(breach[0]!));
}

async function report(found: Program, seed: number, runs: number): Promise<string> {
  const letter = (await broken(found))[0]![0];
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
