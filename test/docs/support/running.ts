import { execFile, spawn, type ExecFileException } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { RunningServer } from "@kvplug/server";
import { expect } from "vitest";
import { ROOT, type Block, type Question } from "./blocks.ts";
import { FOLDER } from "./written.ts";
import { freePort } from "../../support/free-port.ts";

/** The Node of the clone, whichever runs the tests. */
export const NODE: string = join(ROOT, "node_modules", "node", "bin", "node");

/** The token of the gateway that the pages deploy. */
export const GATEWAY_TOKEN = "token-of-the-documentation-0123456789";

/** How a program ended. */
export interface Ended {
  /** Of both streams. */
  output: string;
  exitCode: number;
}

/** Runs a program, by default among the blocks. */
export function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
  cwd: string = FOLDER,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ output: stdout + stderr, exitCode: exitCodeOf(error) });
    });
  });
}

/** What leads the blocks of a page to a namespace, which they share as they do at their reader's, and all to a gateway. */
export function environmentOf({ page }: Block, server: RunningServer, gateway: string): Record<string, string> {
  return {
    GATEWAY_URL: gateway,
    GATEWAY_TOKEN,
    CLOUDFLARE_API_BASE_URL: server.url,
    CLOUDFLARE_ACCOUNT_ID: server.account,
    CLOUDFLARE_API_TOKEN: "any",
    CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces.find(({ title }) => title === page)!.id,
  };
}

/** What comments say of a block's output, in their order. */
export function promisesOf({ code }: Block): string[] {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ (.+)$/gm)].map(([, line]) => line!);
}

/** Checks that a block printed what the comments beside its `console.log`s say, in that order. */
export function expectPromised(block: Block, output: string): void {
  let rest = output;
  for (const part of promisesOf(block).flatMap((line) => line.split(/ ?… ?/))) {
    expect(rest).toContain(part);
    rest = rest.slice(rest.indexOf(part) + part.length);
  }
}

/** Asks what a page asks of its program, as one visitor, and expects the answers that it shows. */
export async function expectAnswers(questions: readonly Question[], url: string): Promise<void> {
  expect(questions).not.toEqual([]);
  const cookies = new Map<string, string>();
  for (const { path, answer } of questions) {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const response = await fetch(url + path, cookie === "" ? {} : { headers: { cookie } });
    for (const header of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(header)!;
      cookies.set(name!, value!);
    }
    const text = await response.text();
    for (const part of answer.split(/ ?… ?/)) expect(text).toContain(part);
  }
}

/** Starts a program that listens on `PORT` and says so, and does something while it does. */
export async function whileServing(
  args: string[],
  env: Record<string, string>,
  body: (url: string) => Promise<void>,
  cwd: string = FOLDER,
): Promise<void> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(NODE, args, { cwd, env: { ...process.env, ...env, PORT: new URL(url).port } });
  const ended = once(child, "exit");
  try {
    let output = "";
    const listening = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          if (output.includes(new URL(url).port)) resolve();
        });
      }
    });
    const early = ended.then(() => Promise.reject(new Error(`It ended before it listened:\n${output}`)));
    await Promise.race([listening, early]);
    await body(url);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

function exitCodeOf(error: ExecFileException | null): number {
  return error === null ? 0 : Number(error.code);
}
