/** A gateway in Cloudflare's runtime, in a process of its own. */
import { readFileSync, readdirSync } from "node:fs";
import { startGateway } from "../test/support/gateway.ts";
import { answerQuestions } from "./helper.ts";

/** Where it is, or how many milliseconds of CPU it took so far: the runtime's and this process's. */
export type GatewayQuestion = "options" | "cpu";

/** What Linux counts in. */
const MILLISECONDS_PER_TICK = 10;

await answerQuestions(async () => {
  const gateway = await startGateway();
  return (question: GatewayQuestion) => (question === "options" ? gateway.options() : cpuOf(process.pid));
});

/** With all that it started; `NaN` where there is no `/proc`. */
function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold anything, and ends with the last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const own = (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_PER_TICK;
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
    );
    return children.reduce((sum, child) => sum + cpuOf(Number(child)), own);
  } catch {
    return Number.NaN;
  }
}
