/**
 * The local server: how soon it answers, how fast it takes a bulk write, and how fast it lists in a
 * namespace of a million keys.
 *
 * `node bench/server.ts` runs the sources; `node --conditions=@kvplug/dist bench/server.ts` the built
 * packages, which start sooner, since no types have to be stripped.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Pool, request } from "undici";
import { startServer } from "@kvplug/server";

const ROUNDS = 5;
const KEYS = 1_000_000;
const PAIRS_PER_BULK = 10_000;

/** The body of a process that starts a server and tells where it listens. */
const CHILD = `
  import { startServer } from "@kvplug/server";
  const server = await startServer({ data: process.argv[1], namespaces: [{ title: "bench", id: "bench" }] });
  console.log(server.url);
`;

const folder = await mkdtemp(join(tmpdir(), "kvplug-bench-"));
try {
  report("cold start to first answer", await repeat(coldStart), 300);
  const data = join(folder, "kv.db");
  await using server = await startServer({ data, namespaces: [{ title: "bench", id: "bench" }] });
  const pool = new Pool(new URL(server.url).origin);
  const path = "/client/v4/accounts/local/storage/kv/namespaces/bench";

  let written = 0;
  async function bulk(): Promise<number> {
    const pairs = Array.from({ length: PAIRS_PER_BULK }, () => {
      const number = written++;
      // Spread over the namespace, as hashes are: the hard case for a tree.
      const name = (Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
      return { key: `user:${name}`, value: "v".repeat(1000), metadata: { number } };
    });
    const body = JSON.stringify(pairs);
    return timed(async () => {
      const answer = await pool.request({ path: `${path}/bulk`, method: "PUT", body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`The bulk write answered ${answer.statusCode}.`);
    });
  }
  report("bulk write of 10,000 pairs of 1 KB, empty namespace", await repeat(bulk), 1000);
  while (written < KEYS - ROUNDS * PAIRS_PER_BULK) await bulk();
  report("bulk write of 10,000 pairs of 1 KB, a million keys", await repeat(bulk), 1000);

  let cursor = "";
  async function page(prefix: string): Promise<number> {
    return timed(async () => {
      const answer = await pool.request({ path: `${path}/keys?prefix=${prefix}&cursor=${cursor}`, method: "GET" });
      const { result, result_info: info } = (await answer.body.json()) as {
        result: unknown[];
        result_info: { cursor: string };
      };
      if (result.length !== 1000) throw new Error(`The page holds ${result.length} keys.`);
      cursor = info.cursor;
    });
  }
  report(`listing page of 1,000 of ${written.toLocaleString("en")} keys`, await repeat(() => page("")), 20);
  cursor = "";
  report("the same, in the middle", await repeat(() => page("user:8")), 20);
  await pool.close();
} finally {
  await rm(folder, { recursive: true });
}

/** From starting the process to the first answer that is read. */
async function coldStart(round: number): Promise<number> {
  const started = performance.now();
  const args = [...process.execArgv, "--input-type=module", "--eval", CHILD, join(folder, `cold-${round}.db`)];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  await (await request(`${url}/accounts/local/storage/kv/namespaces`)).body.dump();
  const elapsed = performance.now() - started;
  child.kill();
  await once(child, "exit");
  return elapsed;
}

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

async function repeat(run: (round: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await run(round));
  return times;
}

function report(what: string, times: number[], goal: number): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const verdict = median < goal ? "ok" : "TOO SLOW";
  console.log(`${what}: ${median.toFixed(1)} ms (worst ${sorted.at(-1)?.toFixed(1)}), goal ${goal} ms: ${verdict}`);
}
