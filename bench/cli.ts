/**
 * `kvplug` beside wrangler and the official SDK: time, memory and requests, against the local server.
 *
 * `pnpm bench:cli` moves a million keys of 200 bytes, and compares with 100,000 of them; `pnpm bench:cli
 * 50000 10000` fewer.
 */
import { spawn } from "node:child_process";
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
/** The SDK reads one key a request. */
const READ_BY_SDK = Math.min(COMPARED, 10_000);
const VALUE_BYTES = 200;
const MOST_MEMORY = 200 * 1024 * 1024;
const AT_ONCE = 16;

const require = createRequire(import.meta.url);
const KVPLUG = ["--conditions=@kvplug/dist", join(import.meta.dirname, "..", "packages", "cli", "dist", "main.js")];
const WRANGLER = [join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js")];

const folder = await mkdtemp(join(tmpdir(), "kvplug-bench-"));
const server = spawn(
  process.execPath,
  [
    ...KVPLUG,
    "serve",
    "--port",
    "0",
    "--namespace",
    "many=many",
    "--namespace",
    "some=some",
    "--data",
    join(folder, "kv.db"),
  ],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const [line] = (await once(createInterface(server.stdout), "line")) as [string];
  const url = line.slice(line.indexOf("http"));
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    XDG_STATE_HOME: folder,
    XDG_CONFIG_HOME: folder,
    WRANGLER_LOG_PATH: folder,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    CI: "true",
    CLOUDFLARE_API_BASE_URL: url,
    CLOUDFLARE_ACCOUNT_ID: "local",
    CLOUDFLARE_API_TOKEN: "any",
  };

  /** How many requests the server has seen. */
  const requests = async (): Promise<number> => {
    const answer = (await (await fetch(new URL("/stats", url))).json()) as { requests: { total: number } };
    return answer.requests.total;
  };

  /** Runs a command: how long it takes, the most memory that it has, and how many requests it sends. */
  const run = async (args: string[]): Promise<{ seconds: number; memory: number; requests: number }> => {
    const [before, start] = [await requests(), performance.now()];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let [memory, said] = [0, ""];
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const timer = setInterval(() => (memory = peakMemory(child.pid!) ?? memory), 20);
    const [code] = (await once(child, "close")) as [number];
    clearInterval(timer);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${said}`);
    return { seconds: (performance.now() - start) / 1000, memory, requests: (await requests()) - before };
  };

  const [many, some, out] = ["many.ndjson", "some.json", "out.ndjson"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await pipeline(records(KEYS, "ndjson"), createWriteStream(many));
  await pipeline(records(COMPARED, "json"), createWriteStream(some));

  const imported = await run([...KVPLUG, "import", many, "-n", "many"]);
  tell(`import of ${count(KEYS)} keys`, imported, { requests: Math.ceil((KEYS / 10_000) * 1.01) + 1 });
  const exported = await run([...KVPLUG, "export", "-n", "many", "-o", out]);
  tell(`export of ${count(KEYS)} keys`, exported, { requests: KEYS / 1000 + KEYS / 100 + 1 });
  console.log(`what was exported is ${(await same(many, out)) ? "" : "NOT "}what was imported, to the byte`);

  const ours = await run([...KVPLUG, "import", some, "-n", "some"]);
  tell(`import of ${count(COMPARED)} keys`, ours, {});
  const theirs = await run([...WRANGLER, "kv", "bulk", "put", some, "--namespace-id", "some", "--remote"]);
  tell(`wrangler kv bulk put of ${count(COMPARED)} keys`, theirs, {});
  compare("import", theirs.seconds / ours.seconds, 5);

  const read = await run([...KVPLUG, "export", "-n", "some", "-o", join(folder, "some.ndjson")]);
  tell(`export of ${count(COMPARED)} keys`, read, {});
  const perKey = read.seconds / COMPARED;
  for (const atOnce of [1, AT_ONCE]) {
    const seconds = await readBySDK(url, atOnce);
    console.log(`SDK, list and get of ${count(READ_BY_SDK)} keys, ${atOnce} at once: ${seconds.toFixed(1)} s`);
    compare(`export, to ${atOnce} at once`, seconds / READ_BY_SDK / perKey, 20);
  }
} finally {
  server.kill();
  await once(server, "exit");
  await rm(folder, { recursive: true });
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

async function readBySDK(baseURL: string, atOnce: number): Promise<number> {
  const { values, keys } = new Cloudflare({ baseURL, apiToken: "any" }).kv.namespaces;
  const where = { account_id: "local" };
  const start = performance.now();
  const names: string[] = [];
  for await (const { name } of keys.list("some", where)) {
    if (names.push(name) === READ_BY_SDK) break;
  }
  const rest = names.values();
  const reader = async (): Promise<void> => {
    for (const name of rest) await (await values.get(name, { ...where, namespace_id: "some" })).text();
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return (performance.now() - start) / 1000;
}

async function same(first: string, second: string): Promise<boolean> {
  const hash = async (path: string): Promise<string> => {
    const { createHash } = await import("node:crypto");
    const sum = createHash("sha256");
    await pipeline(createReadStream(path), sum);
    return sum.digest("hex");
  };
  return (await hash(first)) === (await hash(second));
}

function tell(
  what: string,
  { seconds, memory, requests: sent }: { seconds: number; memory: number; requests: number },
  most: { requests?: number },
): void {
  const checked = most.requests !== undefined;
  const few = !checked ? "" : sent <= most.requests! ? ` of ${count(most.requests!)} allowed` : " TOO MANY";
  const small = !checked || memory < MOST_MEMORY ? "" : " TOO MUCH";
  const megabytes = (memory / 1024 / 1024).toFixed(0);
  console.log(`${what}: ${seconds.toFixed(1)} s, ${megabytes} MiB${small}, ${count(sent)} requests${few}`);
}

function compare(what: string, times: number, goal: number): void {
  console.log(`  ${what}: ${times.toFixed(1)} × as fast, goal ${goal}: ${times >= goal ? "ok" : "TOO SLOW"}`);
}

function count(number: number): string {
  return number.toLocaleString("en");
}
