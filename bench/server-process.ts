/** The local server in a process of its own, with keys to read. */
import { startServer } from "@kvplug/server";
import { answerQuestions } from "./helper.ts";
import { DOOMED, DOOMED_KEYS, keyOf, LISTED, LISTED_KEYS, VALUE } from "./works.ts";

/** How the server is to be. Times are in milliseconds. */
export interface ServerSetup {
  /** How many keys are there to be read. */
  readonly keys: number;
  /** Whether there are keys to be listed as well. */
  readonly listed?: boolean;
  readonly latency?: number;
  /** The file of its data. Default: memory. */
  readonly data?: string;
  readonly rateLimit?: { readonly requests: number; readonly window: number };
}

/** Where it is, how many requests came since this was last asked, or that the doomed keys be there again. */
export type ServerQuestion = "address" | "requests" | "doom";

await answerQuestions(async ({ keys, listed = false, ...injection }: ServerSetup) => {
  const server = await startServer({ namespaces: [{ title: "bench", id: "bench" }], ...injection });
  const kv = server.kv("bench");
  const fill = async (prefix: string, length: number, value: string): Promise<void> => {
    for (let i = 0; i < length; i++) await kv.put(prefix + keyOf(i), value);
  };
  await fill("", keys, VALUE);
  if (listed) await fill(LISTED, LISTED_KEYS, "");
  return async (question: ServerQuestion) => {
    if (question === "address") return { baseURL: server.url, accountId: server.account, namespaceId: "bench" };
    if (question === "doom") await fill(DOOMED, DOOMED_KEYS, "");
    const { total } = server.requests;
    server.requests.reset();
    return total;
  };
});
