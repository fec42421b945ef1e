import type { Program } from "./programs.ts";
import type { Step } from "./steps.ts";

/** What a program may be without, piece by piece: the simplest programs that are one piece smaller. */
function* simpler(program: Program): Generator<Program> {
  const { steps, setup } = program;
  for (let i = 0; i < steps.length; i++) yield { ...program, steps: steps.toSpliced(i, 1) };
  for (const option of ["client", "api", "cache"] as const) {
    const given = setup[option] ?? {};
    if (Object.keys(given).length > 1) yield { ...program, setup: { ...setup, [option]: {} } };
    for (const name of Object.keys(given)) yield { ...program, setup: { ...setup, [option]: without(given, name) } };
  }
  const fates = setup.api?.fates ?? [];
  const withFates = (all: typeof fates): Program => ({
    ...program,
    setup: { ...setup, api: { ...setup.api, fates: all } },
  });
  if (fates.length > 0) yield withFates(fates.slice(0, -1));
  for (const [i, fate] of fates.entries()) {
    if (Object.keys(fate).length > 0) yield withFates(fates.with(i, {}));
    yield withFates(fates.toSpliced(i, 1));
    for (const name of Object.keys(fate)) yield withFates(fates.with(i, without(fate, name)));
  }
  for (const name of ["transport", "chance"] as const)
    if (name in setup) yield { ...program, setup: without(setup, name) };
  for (const [i, step] of steps.entries()) {
    for (const one of simplerSteps(step)) yield { ...program, steps: steps.with(i, one) };
  }
}

function* simplerSteps(step: Step): Generator<Step> {
  for (const name of ["deadline", "abort", "awaited", "long"]) {
    if (name in step && step[name as keyof Step] !== undefined) yield without(step, name);
  }
  if (step.do === "put" && step.as !== "text") yield { ...step, as: "text" };
  if ("from" in step && step.from !== "array") yield { ...step, from: "array" };
  if ("keys" in step && step.keys.length > 1) {
    for (let i = 0; i < step.keys.length; i++) yield { ...step, keys: step.keys.toSpliced(i, 1) };
  }
}

/** Takes away what a failing program fails without. */
export async function tidied(program: Program, fails: (program: Program) => Promise<boolean>): Promise<Program> {
  let smallest = program;
  for (let found = true; found;) {
    found = false;
    for (const one of simpler(smallest)) {
      if (!(await fails(one))) continue;
      smallest = one;
      found = true;
      break;
    }
  }
  return smallest;
}

function without<Value extends object>(value: Value, name: string): Value {
  return Object.fromEntries(Object.entries(value).filter(([one]) => one !== name)) as Value;
}
