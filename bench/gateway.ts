/**
 * The driver in front of a gateway in Cloudflare's own runtime, beside the local server: requests, and CPU a key, for
 * 10,000 writes, reads and deletes; then ten drivers at once. `pnpm bench:gateway` takes two minutes: most of that is
 * Miniflare's storage, which is in the runtime's CPU. Exits with 1 where a 429 was seen or a key lost.
 */
import type { KVOptions } from "@kvplug/core";
import { createKV } from "@kvplug/core";
import type { Address } from "./clients.ts";
import { count, table } from "./format.ts";
import type { GatewayClientAnswer, GatewayClientQuestion, GatewayClientSetup } from "./gateway-client-process.ts";
import type { GatewayQuestion } from "./gateway-process.ts";
import { Helper } from "./helper.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";

const KEYS = 10_000;
const PROCESSES = 10;
const WORKS = ["put", "get", "delete"] as const;

await using gateway = new Helper("gateway-process.ts", {});
await using server = new Helper("server-process.ts", { keys: 0 } satisfies ServerSetup);
const onGateway = await gateway.ask<KVOptions>("options" satisfies GatewayQuestion);
const address = await server.ask<Address>("address" satisfies ServerQuestion);
const onServer: KVOptions = { ...address, apiToken: "bench" };

let missed = 0;
const rows: string[][] = [];
for (const [name, options] of [
  ["a gateway", onGateway],
  ["the local server", onServer],
] as const) {
  await using client = open(options, "key");
  for (const work of WORKS) {
    const before = await runtimeCPU();
    const answer = await client.ask<GatewayClientAnswer>({ work, keys: KEYS } satisfies GatewayClientQuestion);
    const runtime = name === "a gateway" ? (await runtimeCPU()) - before : Number.NaN;
    judge(answer);
    rows.push([
      `${count(KEYS)} ${work} over ${name}`,
      count(answer.requests),
      micros(answer.cpu / KEYS),
      Number.isNaN(runtime) ? "" : micros(runtime / KEYS),
      `${count(answer.elapsed)} ms`,
    ]);
  }
}
console.log(table(["", "requests", "the driver's CPU a key", "the runtime's, storage included", "time"], rows));

const clients = Array.from({ length: PROCESSES }, (_unused, i) => open(onGateway, `process-${i}`));
for (const work of WORKS) {
  const answers = await Promise.all(
    clients.map((client) =>
      client.ask<GatewayClientAnswer>({ work, keys: KEYS / PROCESSES } satisfies GatewayClientQuestion),
    ),
  );
  for (const answer of answers) judge(answer);
  const sum = (figure: (answer: GatewayClientAnswer) => number): string =>
    count(answers.reduce((all, answer) => all + figure(answer), 0));
  console.log(
    `${PROCESSES} processes, ${count(KEYS)} ${work} in all: ${sum(({ requests }) => requests)} requests, ` +
      `${sum(({ refused }) => refused)} answers with 429, ${sum(({ lost }) => lost)} keys lost`,
  );
}
await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));

await using kv = createKV(onGateway);
for await (const _left of kv.keys()) missed++;
console.log(missed === 0 ? "No 429, and nothing lost." : `${missed} answers with 429 or keys that are wrong.`);
process.exitCode = missed === 0 ? 0 : 1;

function open(options: KVOptions, prefix: string): Helper {
  return new Helper("gateway-client-process.ts", { options, prefix } satisfies GatewayClientSetup);
}

function runtimeCPU(): Promise<number> {
  return gateway.ask("cpu" satisfies GatewayQuestion);
}

function judge({ refused, lost }: GatewayClientAnswer): void {
  missed += refused + lost;
}

function micros(milliseconds: number): string {
  return `${count(milliseconds * 1000)} µs`;
}
