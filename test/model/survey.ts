/**
 * Runs random programs and goes on when one breaks a law: prints how often each law was broken, and for each the
 * shortest program that was found.
 *
 *     node test/model/survey.ts [programs] [seed]
 *
 * @module
 */
import * as fc from "fast-check";
import { broken } from "./check.ts";
import { anyProgram, printed, type Program } from "./programs.ts";
import { tidied } from "./tidy.ts";

const [programs = 2000, seed = Date.now() % 1_000_000_000] = process.argv.slice(2).map(Number);

/** A breach without what is another in each program. */
const kindOf = (breach: string): string =>
  breach
    .replaceAll(/\b[abc]#\d+['~.]*/g, "V")
    .replaceAll(/\bof [abc]\b/g, "of K")
    .replaceAll(/\d+/g, "N");

const found = new Map<string, { first: Program; count: number }>();
let failing = 0;
for (const program of fc.sample(anyProgram, { numRuns: programs, seed })) {
  const kinds = new Set((await broken(program)).map(kindOf));
  if (kinds.size > 0) failing++;
  for (const kind of kinds) {
    const before = found.get(kind);
    if (before) before.count++;
    else found.set(kind, { first: program, count: 1 });
  }
}

const milliseconds = (process.cpuUsage().user + process.cpuUsage().system) / 1000;
console.log(
  `${failing} of ${programs} programs of seed ${seed} break a law; ${(milliseconds / programs).toFixed(2)} ms of CPU each.`,
);
for (const [kind, { first, count }] of found) {
  const program = await tidied(first, async (one) => (await broken(one)).some((breach) => kindOf(breach) === kind));
  console.log(`\n${count} times:\n${(await broken(program)).join("\n")}\n${printed(program)}`);
}
