/**
 * `kvplug` beside wrangler and the official SDK: time, memory and requests, against the local server.
 *
 * `pnpm bench:cli` moves a million keys of 200 bytes, and compares with 100,000 of them; `pnpm bench:cli
 * 50000 10000` fewer.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import Cloudflare from "cloudflare";

const [KEYS = 1_000_000, COMPARED = 100_000] = process.argv.slice(2).map(Number);
const VALUE_BYTES = 200;
const MOST_MEMORY = 200 * 1024 * 1024;
const AT_ONCE = 16;

const require = createRequire(import.meta.url);
const KVPLUG = ["--conditions=@kvplug/dist", join(import.meta.dirname, "..", "packages", "cli", "dist", "main.js")];
/** What its command starts, in a process that can be measured. */
const WRANGLER = ["--no-warnings", join(dirname(require.resolve("wrangler/package.json")), "wrangler-dist", "cli.js")];

/** A server, and the commands that are run against it. */
class Server {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Runs a command: how long it takes, the most memory that it has, and how many requests it sends. */
  async run(args: string[]): Promise<Outcome> {
    const [before, start] = [await this.#requests(), performance.now()];
    const child = spawn(process.execPath, args, { env: this.#environment(), stdio: ["ignore", "ignore", "pipe"] });
    let [memory, said] = [0, ""];
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const timer = setInterval(() => (memory = peakMemory(child.pid!) ?? memory), 20);
    const [code] = (await once(child, "close")) as [number];
    clearInterval(timer);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${said}`);
    return { seconds: (performance.now() - start) / 1000, memory, requests: (await this.#requests()) - before };
  }

  /** Lists and gets so many keys, in seconds. */
  async readBySDK(keys: number, atOnce: number): Promise<number> {
    const { namespaces } = new Cloudflare({ baseURL: this.#url, apiToken: "any" }).kv;
    const where = { account_id: "local" };
    const start = performance.now();
    const names: string[] = [];
    for await (const { name } of namespaces.keys.list("some", where)) {
      if (names.push(name) === keys) break;
    }
    const rest = names.values();
    const reader = async (): Promise<void> => {
      for (const name of rest) await (await namespaces.values.get(name, { ...where, namespace_id: "some" })).text();
    };
    await Promise.all(Array.from({ length: atOnce }, reader));
    return (performance.now() - start) / 1000;
  }

  async #requests(): Promise<number> {
    const answer = (await (await fetch(new URL("/stats", this.#url))).json()) as { requests: { total: number } };
    return answer.requests.total;
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      HOME: folder,
      XDG_STATE_HOME: folder,
      XDG_CONFIG_HOME: folder,
      WRANGLER_LOG_PATH: folder,
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      CI: "true",
      CLOUDFLARE_API_BASE_URL: this.#url,
      CLOUDFLARE_ACCOUNT_ID: "local",
      CLOUDFLARE_API_TOKEN: "any",
    };
  }
}

const folder = await mkdtemp(join(tmpdir(), "kvplug-bench-"));
const file = (name: string): string => join(folder, name);
try {
  await pipeline(records(KEYS, "ndjson"), createWriteStream(file("many.ndjson")));
  await pipeline(records(COMPARED, "ndjson"), createWriteStream(file("some.ndjson")));
  await pipeline(records(COMPARED, "json"), createWriteStream(file("some.json")));
  await withServer(0, async (server) => {
    await moveAll(server);
    await compareAll(server, Math.min(COMPARED, 10_000));
  });
  // About what Cloudflare takes for a request.
  await withServer(100, async (server) => {
    console.log("\nthe same, where the server takes 100 ms for each answer");
    await compareAll(server, Math.min(COMPARED, 200));
  });
} finally {
  await rm(folder, { recursive: true });
}

/** A server in a process of its own, that answers each request after some milliseconds. */
async function withServer(latency: number, run: (server: Server) => Promise<void>): Promise<void> {
  const args = [
    "serve",
    "--port",
    "0",
    "--namespace",
    "many=many",
    "--namespace",
    "some=some",
    "--latency",
    `${latency}`,
  ];
  const server = spawn(process.execPath, [...KVPLUG, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(server.stdout), "line")) as [string];
    await run(new Server(line.slice(line.indexOf("http"))));
  } finally {
    server.kill();
    await once(server, "exit");
  }
}

/** The large numbers: memory, requests, and whether what comes out is what went in. */
async function moveAll(server: Server): Promise<void> {
  const imported = await server.run([...KVPLUG, "import", file("many.ndjson"), "-n", "many"]);
  tell(`import of ${count(KEYS)} keys`, imported, KEYS / 10_000 + KEYS / 1_000_000 + 1);
  const exported = await server.run([...KVPLUG, "export", "-n", "many", "-o", file("many.out")]);
  tell(`export of ${count(KEYS)} keys`, exported, KEYS / 1000 + KEYS / 100 + 1);
  const isSame = (await hashOf(file("many.ndjson"))) === (await hashOf(file("many.out")));
  console.log(`what was exported is ${isSame ? "" : "NOT "}what was imported, to the byte`);
}

/** The same pairs by kvplug and by others; the SDK, which reads a key a request, reads but so many of them. */
async function compareAll(server: Server, readBySDK: number): Promise<void> {
  const ours = await server.run([...KVPLUG, "import", file("some.ndjson"), "-n", "some"]);
  tell(`import of ${count(COMPARED)} keys`, ours);
  const bulkPut = ["kv", "bulk", "put", file("some.json"), "--namespace-id", "some", "--remote"];
  const theirs = await server.run([...WRANGLER, ...bulkPut]);
  tell(`wrangler kv bulk put of ${count(COMPARED)} keys`, theirs);
  compare("import", theirs.seconds / ours.seconds, 5);
  const read = await server.run([...KVPLUG, "export", "-n", "some", "-o", file("some.out"), "--force"]);
  tell(`export of ${count(COMPARED)} keys`, read);
  for (const atOnce of [1, AT_ONCE]) {
    const seconds = await server.readBySDK(readBySDK, atOnce);
    console.log(`SDK, list and get of ${count(readBySDK)} keys, ${atOnce} at once: ${seconds.toFixed(1)} s`);
    compare(`export, a key, to ${atOnce} at once`, seconds / readBySDK / (read.seconds / COMPARED), 20);
  }
}

/** How a command went. */
interface Outcome {
  readonly seconds: number;
  /** The most resident memory that it had, in bytes. */
  readonly memory: number;
  readonly requests: number;
}

function* records(length: number, format: "ndjson" | "json"): Generator<string> {
  const isJSON = format === "json";
  if (isJSON) yield "[";
  for (let start = 0; start < length; start += 1000) {
    let text = "";
    for (let i = start; i < Math.min(length, start + 1000); i++) {
      const number = String(i).padStart(9, "0");
      const record = JSON.stringify({ key: `user:${number}`, value: number.padEnd(VALUE_BYTES, "v") });
      text += isJSON ? `${i === 0 ? "" : ","}${record}` : `${record}\n`;
    }
    yield text;
  }
  if (isJSON) yield "]";
}

/** The most resident memory that a process has had, in bytes; `undefined` when it is gone, or this is no Linux. */
function peakMemory(pid: number): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function tell(what: string, { seconds, memory, requests }: Outcome, mostRequests?: number): void {
  const isChecked = mostRequests !== undefined;
  const few = !isChecked ? "" : requests <= mostRequests ? ` of ${count(mostRequests)} allowed` : " TOO MANY";
  const small = !isChecked || memory < MOST_MEMORY ? "" : " TOO MUCH";
  const megabytes = (memory / 1024 / 1024).toFixed(0);
  console.log(`${what}: ${seconds.toFixed(1)} s, ${megabytes} MiB${small}, ${count(requests)} requests${few}`);
}

function compare(what: string, times: number, goal: number): void {
  console.log(`  ${what}: ${times.toFixed(1)} × as fast, goal ${goal}: ${times >= goal ? "ok" : "TOO SLOW"}`);
}

function count(number: number): string {
  return number.toLocaleString("en");
}
