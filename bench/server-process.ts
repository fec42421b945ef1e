/** The local server in a process of its own, with keys to read. */
import { startServer } from "@kvplug/server";
import { answerQuestions } from "./helper.ts";
import { keyOf, VALUE } from "./works.ts";

/** How the server is to be. Times are in milliseconds. */
export interface ServerSetup {
  /** How many keys are there. */
  readonly keys: number;
  readonly latency?: number;
  readonly rateLimit?: { readonly requests: number; readonly window: number };
}

/** Where it is, or how many requests came since this was last asked. */
export type ServerQuestion = "address" | "requests";

await answerQuestions(async ({ keys, ...unkindness }: ServerSetup) => {
  const server = await startServer({ namespaces: [{ title: "bench", id: "bench" }], ...unkindness });
  const kv = server.kv("bench");
  for (let i = 0; i < keys; i++) await kv.put(keyOf(i), VALUE);
  return (question: ServerQuestion) => {
    if (question === "address") return { baseURL: server.url, accountId: server.account, namespaceId: "bench" };
    const { total } = server.requests;
    server.requests.reset();
    return total;
  };
});
