import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProxy } from "@kvplug/proxy";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { accountOf, TOKEN } from "../support/rest.ts";
import { ROOT } from "./support/blocks.ts";

const run = promisify(execFile);

const PAGE = await readFile(join(ROOT, "docs/proxy.md"), "utf8");

/** The blocks of a language, as the page prints them. */
function blocks(language: string): string[] {
  const found = [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, text]) => text!);
  expect(found.length).toBeGreaterThan(0);
  return found;
}

async function temporary(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "kvplug-recipes-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** How long a proxy waits for running requests when it ends: the default of `drain`. */
const DRAIN_SECONDS = 20;

test("each flag that a recipe gives to `kvplug proxy` is one", async () => {
  const { stdout: help } = await run(process.execPath, [join(ROOT, "packages/cli/src/main.ts"), "proxy", "--help"]);
  const flags = new Set([...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag));
  const recipes = PAGE.split("\n").flatMap((line) => /kvplug"?,? "?proxy\b(.*)/.exec(line)?.[1] ?? []);
  expect(recipes.length).toBeGreaterThan(6);
  const given = recipes.flatMap((line) => line.match(/(?<=[\s"[])--[a-z-]+/g) ?? []);
  expect(given.length).toBeGreaterThan(6);
  expect(given.filter((flag) => !flags.has(flag))).toEqual([]);
});

test("the PHP reads what is there, what is not, and what fails", async ({ skip }) => {
  const hasCurl = ["-r", "exit(extension_loaded('curl') ? 0 : 1);"];
  skip(spawnSync("php", hasCurl).status !== 0, "no php with curl is found. Debian: apt-get install php-cli php-curl");
  await using folder = await temporary();
  const socket = join(folder.path, "kv.sock");
  await using server = await startServer({ token: TOKEN, namespaces: ["test"] });
  await using _proxy = await createProxy({ upstream: accountOf(server), socket });
  await server.kv("test").put("a/key with ?", "ein Wert 🔑");
  const [printed] = blocks("php");
  expect(printed).toContain("/run/kvplug/kv.sock");
  const program = join(folder.path, "program.php");
  const head = "[, $account, $id, $key] = $argv;";
  const tail = "echo json_encode([$value]);";
  await writeFile(program, `<?php\n${head}\n${printed!.replace("/run/kvplug/kv.sock", socket)}\n${tail}\n`);
  const read = async (id: string, key: string): Promise<unknown> =>
    JSON.parse((await run("php", [program, server.account, id, key])).stdout);
  const { id } = server.namespaces[0]!;
  expect(await read(id, "a/key with ?")).toEqual(["ein Wert 🔑"]);
  expect(await read(id, "none")).toEqual([null]);
  await expect(read(id, "x".repeat(600))).rejects.toThrow(/Workers KV: .*512/s);
});

test("systemd takes the unit, and waits for the drain", async ({ skip }) => {
  const [unit] = blocks("ini");
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit!)?.[1])).toBeGreaterThan(DRAIN_SECONDS);
  skip(spawnSync("systemd-analyze", ["--version"]).status !== 0, "no systemd-analyze is found");
  await using folder = await temporary();
  const file = join(folder.path, "kvplug.service");
  // It looks whether there is such a program.
  await writeFile(file, unit!.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
  const { stderr } = await run("systemd-analyze", ["verify", file]);
  expect(stderr).toBe("");
});

test("what the recipe for Kubernetes names fits together", async () => {
  const documents = parseAllDocuments(blocks("yaml")[0]!);
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  const [deployment, service] = documents.map((document) => document.toJS());
  const { template, selector } = deployment.spec;
  const [container] = template.spec.containers;
  expect(selector.matchLabels).toEqual(template.metadata.labels);
  expect(service.spec.selector).toEqual(template.metadata.labels);
  const [{ containerPort }] = container.ports;
  const { livenessProbe, readinessProbe, lifecycle, args } = container;
  const ports = [service.spec.ports[0], livenessProbe.httpGet, readinessProbe.httpGet].map(({ port }) => port);
  expect(ports).toEqual(Array(3).fill(containerPort));
  expect(PAGE).toContain(`http://${service.metadata.name}:${containerPort}/client/v4`);
  expect(args.every((argument: unknown) => typeof argument === "string")).toBe(true);
  expect(args.slice(args.indexOf("--proxies")).slice(0, 2)).toEqual(["--proxies", String(deployment.spec.replicas)]);
  const seconds = lifecycle.preStop.sleep.seconds + DRAIN_SECONDS;
  expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(seconds);

  await using server = await startServer({ token: TOKEN });
  await using proxy = await createProxy({ upstream: accountOf(server) });
  for (const { httpGet } of [livenessProbe, readinessProbe])
    expect((await fetch(new URL(httpGet.path, proxy.url))).status).toBe(200);
});

test("PM2 waits for the drain, and its apps find the proxy", async () => {
  const program = blocks("javascript").find((text) => text.includes("ecosystem.config.cjs"))!;
  await using folder = await temporary();
  const file = join(folder.path, "ecosystem.config.cjs");
  await writeFile(file, program);
  const [proxy, web] = createRequire(import.meta.url)(file).apps;
  expect(proxy.kill_timeout).toBeGreaterThan(DRAIN_SECONDS * 1000);
  expect(web.env).toEqual({ CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:8788/client/v4", CLOUDFLARE_API_TOKEN: "any" });
});
