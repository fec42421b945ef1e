import { setTimeout } from "node:timers/promises";
import { say } from "./report.ts";

const INTERVAL_MS = 5_000;
const PATIENCE_MS = 120_000;

/**
 * Asks until the answer is what it should be. The local server shows a write at once; Cloudflare
 * may take a minute to show it everywhere, and to forget what was deleted.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isRight: (answer: Answer) => boolean,
): Promise<Answer> {
  const end = Date.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > end) throw new Error(`What was written is not what is read, even ${PATIENCE_MS / 1000} s later.`);
    if (attempt === 1) say("…", "not visible yet: KV may take a minute, asking again");
    await setTimeout(INTERVAL_MS);
  }
}
