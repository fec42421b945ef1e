import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServer } from "@kvplug/server";
import { expect, onTestFinished, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
/** The Node of `pnpm start`, whichever runs the tests. */
const NODE = join(ROOT, "node_modules", "node", "bin", "node");
const TOUR = join(import.meta.dirname, "tour.ts");

const run = promisify(execFile);

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the tour without what the environment says of Cloudflare. */
function startTour(args: string[], env: NodeJS.ProcessEnv = {}) {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("CLOUDFLARE_"));
  const child = spawn(NODE, [TOUR, "--page-port", "0", ...args], {
    cwd: ROOT,
    env: { ...Object.fromEntries(clean), ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(([code]): Ended => ({ code, stdout, stderr }));
  return {
    ended,
    /** Resolves with all that was printed, once it serves. */
    async serving(): Promise<string> {
      while (!stdout.includes("Ctrl-C stops the server")) {
        const isOver = await Promise.race([once(child.stdout, "data").then(() => false), ended.then(() => true)]);
        if (isOver) throw new Error(`The tour ended early: ${stdout}${stderr}`);
      }
      return stdout;
    },
    async interrupt(): Promise<Ended> {
      child.kill("SIGINT");
      return ended;
    },
  };
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-tour-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** The number that a line of the report begins with. */
function figure(output: string, label: string): number {
  const found = new RegExp(`^ {2}${label} +([\\d,]+)`, "m").exec(output)?.[1];
  return Number(found?.replaceAll(",", ""));
}

/** A server that listens there is on this machine, and not by a name that the tour takes for it. */
const ANYWHERE = "0.0.0.0";
const elsewhere = (port: number): string => `http://${ANYWHERE}:${port}/client/v4`;

test("moves every package.json through KV, serves until Ctrl-C, and finds the data again", async () => {
  const data = join(await emptyFolder(), "kv.sqlite");
  const first = startTour(["--data", data, "--port", "0"]);
  const output = await first.serving();

  const packages = figure(output, "on disk");
  expect(packages).toBeGreaterThan(100);
  expect(output).toMatch(/^ {2}found +no keys yet/m);
  expect(["written", "listed", "read"].map((label) => figure(output, label))).toEqual(Array(3).fill(packages));
  expect(output).toMatch(/^ {2}expiring +npm:undici@\S+ until \d\d:\d\d:\d\d/m);
  expect(output).toMatch(/^ {2}deleted +npm:vitest@\S+ reads as null/m);
  expect(output).toMatch(/^ {2}in all +\d+ requests +\d+ ms$/m);

  const curls = [...output.matchAll(/^ {2}(curl .+)$/gm)].map(([, line]) => line!);
  const answers: string[] = [];
  for (const line of curls) answers.push((await run("sh", ["-c", line])).stdout);
  const [value = "", keys = "", put = "", greeting = ""] = answers;
  expect(answers).toHaveLength(4);
  expect(value).toBe(await readFile(join(ROOT, "node_modules", "typescript", "package.json"), "utf8"));
  const names = (JSON.parse(keys) as { result: { name: string }[] }).result.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !name.startsWith("npm:@types/"))).toEqual([]);
  expect(JSON.parse(put)).toMatchObject({ success: true });
  expect(greeting).toMatch(/^HTTP\/1\.1 200 .*\r\nexpiration: \d+\r\n.*\r\n\r\nhello$/is);

  expect(await first.interrupt()).toMatchObject({ code: 0, stderr: "" });

  const second = startTour(["--data", data, "--port", "0"]);
  // All but the one that was deleted.
  expect(figure(await second.serving(), "found")).toBe(packages - 1);
  expect(await second.interrupt()).toMatchObject({ code: 0, stderr: "" });
});

test("goes to Cloudflare where the variables lead there, and leaves nothing behind", async () => {
  const token = "7Qx-a-secret";
  await using server = await startServer({ host: ANYWHERE, account: "acc", token, namespaces: ["theirs"] });
  const theirs = server.kv("theirs");
  await theirs.put("npm:typescript@7.0.0", "not the tour's");
  const tour = startTour([], {
    CLOUDFLARE_API_BASE_URL: elsewhere(server.port),
    CLOUDFLARE_ACCOUNT_ID: "acc",
    CLOUDFLARE_API_TOKEN: token,
    CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces[0]!.id,
  });
  const { code, stdout, stderr } = await tour.ended;
  expect([code, stderr]).toEqual([0, ""]);
  expect(figure(stdout, "read")).toBe(figure(stdout, "on disk"));
  // All but the one that was deleted, and the total is what the other side counted.
  expect(figure(stdout, "cleaned up")).toBe(figure(stdout, "on disk") - 1);
  expect(figure(stdout, "in all")).toBe(server.requests.total);
  expect(stdout).not.toContain(token);
  expect((await theirs.list()).keys.map(({ name }) => name)).toEqual(["npm:typescript@7.0.0"]);
});

test("says in one line what is wrong, without the token", async () => {
  await using server = await startServer({ host: ANYWHERE, token: "right", namespaces: ["theirs"] });
  const tour = startTour([], {
    CLOUDFLARE_API_BASE_URL: elsewhere(server.port),
    CLOUDFLARE_ACCOUNT_ID: "local",
    CLOUDFLARE_API_TOKEN: "wrong-one",
    CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces[0]!.id,
  });
  const { code, stdout, stderr } = await tour.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\nGET .* was answered with 403: Authentication error.*\n$/);
  expect(stdout + stderr).not.toContain("wrong-one");
});

test("stays on this machine where a variable is missing, and on a free port where its own is busy", async () => {
  await using busy = await startServer();
  const args = ["--data", join(await emptyFolder(), "kv.sqlite"), "--port", String(busy.port)];
  const tour = startTour(args, { CLOUDFLARE_ACCOUNT_ID: "acc", CLOUDFLARE_API_TOKEN: "t" });
  const output = await tour.serving();
  expect(output).toContain("without CLOUDFLARE_KV_NAMESPACE_ID, this stays on your machine");
  expect(output).toContain(`port ${busy.port} is busy`);
  expect(busy.requests.total).toBe(0);
  expect((await tour.interrupt()).code).toBe(0);
});
