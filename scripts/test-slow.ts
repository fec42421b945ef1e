/**
 * Runs all tests three times while two busy loops for each core run beside them, and fails where one run does: no test
 * may depend on how fast the machine is. `--one-core` has all of it on the first core, tests and loops, once. What else
 * is given goes to vitest: `pnpm test:slow --one-core packages/core`.
 */
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const LOOPS_PER_CORE = 2;

/** Spins, but looks up every now and then, and ends with whoever started it, however that one ended. */
const BUSY_LOOP = `
  process.stdin.resume().on("end", () => process.exit());
  (function spin() {
    const end = Date.now() + 50;
    while (Date.now() < end);
    setImmediate(spin);
  })();
`;

const args = process.argv.slice(2).filter((arg) => arg !== "--one-core");
const oneCore = process.argv.includes("--one-core");
const runs = oneCore ? 1 : 3;
const loops = LOOPS_PER_CORE * (oneCore ? 1 : availableParallelism());
if (oneCore) stayOnFirstCore();

for (let i = 0; i < loops; i++) {
  spawn(process.execPath, ["--eval", BUSY_LOOP], { stdio: ["pipe", "ignore", "ignore"] }).unref();
}

const failed: number[] = [];
for (let run = 1; run <= runs; run++) {
  console.log(`\nRun ${run} of ${runs}, beside ${loops} busy loops${oneCore ? " on one core" : ""}`);
  const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...args], {
    stdio: "inherit",
  });
  if (status !== 0) failed.push(run);
}
console.log(failed.length === 0 ? `\npassed, ${runs} of ${runs} times` : `\nfailed in run ${failed.join(" and ")}`);
// The loops end with this process.
process.exit(failed.length === 0 ? 0 : 1);

/** Binds this process, and with it all that it starts, to one core. */
function stayOnFirstCore(): void {
  const { status, error, stderr } = spawnSync("taskset", ["-acp", "0", String(process.pid)], { encoding: "utf8" });
  if (status === 0) return;
  console.error(`--one-core needs the taskset of util-linux: ${error?.message ?? stderr}`);
  process.exit(1);
}
