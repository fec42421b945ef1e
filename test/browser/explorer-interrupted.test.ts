import { readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFile } from "../../packages/cli/test/temporary-file.ts";
import { launchChromium } from "./chromium.ts";
import { Visit } from "./explorer.ts";
import { spawnUi } from "./ui-process.ts";

const COUNT = 30_000;

/** An export writes its state down each 100 ms at most: so long takes one answer. */
const LATENCY_MS = 100;

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

const record = (i: number): { key: string; value: string } => ({
  key: `k${String(i).padStart(5, "0")}`,
  value: `value ${i}`,
});
const lines = Array.from({ length: COUNT }, (_, i) => JSON.stringify(record(i)));

/** A server, and what leads `kvplug ui` to it. */
async function start(): Promise<{ server: RunningServer; args: string[]; env: NodeJS.ProcessEnv }> {
  const server = await startServer({
    namespaces: [
      { title: "main", id: "main" },
      { title: "other", id: "other" },
    ],
  });
  const args = ["--api-url", server.url, "--account", "local", "--token", "any"];
  return { server, args, env: { XDG_STATE_HOME: await temporaryFile() } };
}

async function fill(server: RunningServer): Promise<void> {
  const kv = server.kv("main");
  for (let i = 0; i < COUNT; i++) await kv.put(record(i).key, record(i).value);
}

/** The line of the only job. */
const job = (page: Page) => page.getByRole("region", { name: "Work on many keys" });

/** Waits until a job has done some, and tells how many. */
async function begun(page: Page): Promise<number> {
  const shown = await job(page)
    .getByText(/^[1-9][\d,]* keys/)
    .innerText();
  return Number(/^[\d,]+/.exec(shown)![0].replaceAll(",", ""));
}

/** Waits until the state of some work is on the disk: what was done since is done again by the process that goes on. */
async function saved(env: NodeJS.ProcessEnv): Promise<void> {
  const folder = env["XDG_STATE_HOME"]!;
  const savedKeys = async (): Promise<number> => {
    const names = await readdir(folder, { recursive: true });
    const files = names.filter((name) => name.endsWith("checkpoint")).map((name) => join(folder, name));
    const checkpoints = await Promise.all(files.map((file) => readFile(file, "utf8")));
    return checkpoints.reduce((keys, text) => keys + (JSON.parse(text) as { state: { keys: number } }).state.keys, 0);
  };
  await expect.poll(savedKeys, { timeout: 120_000 }).toBeGreaterThan(0);
}

/** What is kept of all work. */
const left = (env: NodeJS.ProcessEnv): Promise<string[]> => readdir(join(env["XDG_STATE_HOME"]!, "kvplug", "page"));

async function exportAll(page: Page): Promise<void> {
  await page.getByText("More", { exact: true }).click();
  await page.getByText("Export all keys").click();
}

test("an export whose process is killed goes on in the next one, and reads nothing twice that it has", async () => {
  const { server, args, env } = await start();
  await using _server = server;
  await fill(server);
  {
    await using ui = await spawnUi(args, env);
    await using visit = await Visit.to(chromium, ui.link);
    await visit.open("main");
    // Some pages of the listing pass, with their values: the rest waits for as long as this process lives.
    server.inject({ latency: LATENCY_MS, rateLimit: { requests: 60, window: 600_000 } });
    await exportAll(visit.page);
    expect(await begun(visit.page)).toBeLessThan(COUNT);
    await saved(env);
    await ui.kill();
  }
  server.inject({});
  server.requests.reset();
  await using ui = await spawnUi(args, env);
  await using visit = await Visit.to(chromium, ui.link);
  await job(visit.page).getByText("main").waitFor();
  await visit.press("Continue");
  const link = job(visit.page).getByRole("link", { name: "Download" });
  await link.waitFor();
  const [download] = await Promise.all([visit.page.waitForEvent("download"), link.click()]);
  expect(download.suggestedFilename()).toBe("main.ndjson");
  expect(await readFile(await download.path(), "utf8")).toBe(`${lines.join("\n")}\n`);
  expect(server.requests.byRoute["POST /:namespace/bulk/get"]).toBeLessThan(COUNT / 100);
  // Hidden, it is forgotten, with its file.
  await visit.press("Hide");
  await expect.poll(() => left(env)).toEqual([]);
});

test("an export goes on while its tab is closed, and the next tab downloads it", async () => {
  const { server, args, env } = await start();
  await using _server = server;
  await fill(server);
  await using ui = await spawnUi(args, env);
  {
    await using visit = await Visit.to(chromium, ui.link);
    await visit.open("main");
    server.inject({ latency: LATENCY_MS });
    await exportAll(visit.page);
    await begun(visit.page);
  }
  server.inject({});
  await using visit = await Visit.to(chromium, ui.link);
  const link = job(visit.page).getByRole("link", { name: "Download" });
  await link.waitFor();
  const [download] = await Promise.all([visit.page.waitForEvent("download"), link.click()]);
  expect(await readFile(await download.path(), "utf8")).toBe(`${lines.join("\n")}\n`);
});

test("an import whose process is killed goes on in the next one, and writes no page twice that is confirmed", async () => {
  const { server, args, env } = await start();
  await using _server = server;
  const file = join(tmpdir(), `kvplug-interrupted-${process.pid}.ndjson`);
  await writeFile(file, `${lines.join("\n")}\n`);
  {
    await using ui = await spawnUi(args, env);
    await using visit = await Visit.to(chromium, ui.link);
    await visit.open("other");
    await visit.page.getByText("No keys.").waitFor();
    await visit.page.getByLabel("File to import").setInputFiles(file);
    // A look for the namespace and two of three pages pass: the last one waits for as long as this process lives.
    server.inject({ rateLimit: { requests: 3, window: 600_000 } });
    await visit.page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
    expect(await begun(visit.page)).toBeLessThan(COUNT);
    await saved(env);
    await ui.kill();
  }
  const written = server.requests.byRoute["PUT /:namespace/bulk"] ?? 0;
  server.inject({});
  server.requests.reset();
  await using ui = await spawnUi(args, env);
  await using visit = await Visit.to(chromium, ui.link);
  await job(visit.page).getByText(basename(file)).waitFor();
  await visit.press("Continue");
  await job(visit.page).getByText("30,000 keys").waitFor();
  await job(visit.page).getByText(": done").waitFor();
  expect(written).toBeGreaterThan(0);
  expect(server.requests.byRoute["PUT /:namespace/bulk"]).toBeLessThan(3);
  expect(await server.kv("other").get(record(COUNT - 1).key)).toBe(record(COUNT - 1).value);
  await expect.poll(() => left(env)).toEqual([]);
});
