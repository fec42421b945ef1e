import { signal, type Signal } from "@preact/signals";
import { PAGE_HEADER } from "../../src/protocol.ts";
import type { Budget } from "../../src/protocol.ts";

/** A request that the API or the process refused, or that nobody answered. */
export class ApiFailure extends Error {
  override name = "ApiFailure";
  /** 0 where nobody answered. */
  readonly status: number;
  /** The API's own code. */
  readonly code: number | undefined;

  constructor(status: number, message: string, code?: number) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What the `Ratelimit` headers of the last answer said. */
export const headerBudget: Signal<Budget | undefined> = signal(undefined);

/** How often a read is tried. */
const ATTEMPTS = 4;
const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 20_000;

/**
 * Asks the page's own origin. What only reads is tried again where it is refused for now, or not answered.
 *
 * @throws {ApiFailure} with the API's own message.
 */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const attempts = (init.method ?? "GET") === "GET" ? ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(path, init);
    } catch (error) {
      if (!(error instanceof ApiFailure) || attempt === attempts) throw error;
      if (error.status !== 0 && error.status !== 429 && error.status < 500) throw error;
      const seconds = error instanceof Refused ? error.retryAfter : undefined;
      const delay = seconds === undefined ? FIRST_DELAY_MS * 2 ** attempt : seconds * 1000;
      await sleep(Math.min(delay, LONGEST_DELAY_MS), init.signal);
    }
  }
}

/** The `result` of an answer in the API's envelope. */
export async function askFor<Result>(path: string, init?: RequestInit): Promise<Result> {
  return ((await (await ask(path, init)).json()) as { result: Result }).result;
}

/** What is sent as JSON. */
export function json(method: "POST" | "PUT", body: unknown): RequestInit {
  return { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** A 429, with when to come back. */
class Refused extends ApiFailure {
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter: number | undefined) {
    super(429, message);
    this.retryAfter = retryAfter;
  }
}

async function askOnce(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(PAGE_HEADER, "1");
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, credentials: "same-origin", redirect: "error" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiFailure(0, "Nobody answers. Is kvplug still running?");
  }
  readBudget(response.headers);
  if (response.ok) return response;
  const [message, code] = await reasonOf(response);
  if (response.status === 429) {
    const after = Number(response.headers.get("retry-after") ?? Number.NaN);
    throw new Refused(message, Number.isNaN(after) ? undefined : after);
  }
  throw new ApiFailure(response.status, message, code);
}

async function reasonOf(response: Response): Promise<[message: string, code?: number]> {
  const text = await response.text().catch(() => "");
  try {
    const [first] = (JSON.parse(text) as { errors: { code: number; message: string }[] }).errors;
    if (first !== undefined) return [first.message, first.code];
  } catch {
    // What is no JSON is no answer of the API, but of a proxy before it.
  }
  const isShort = text !== "" && text.length < 300 && !text.includes("<");
  return [isShort ? text.trim() : `The server answered ${response.status}.`];
}

function readBudget(headers: Headers): void {
  const [, left, opensIn] = /r=(\d+);t=(\d+)/.exec(headers.get("ratelimit") ?? "") ?? [];
  const [, requests, window] = /q=(\d+);w=(\d+)/.exec(headers.get("ratelimit-policy") ?? "") ?? [];
  if (left === undefined || requests === undefined) return;
  headerBudget.value = {
    left: Number(left),
    requests: Number(requests),
    window: Number(window) * 1000,
    opensIn: left === "0" ? Number(opensIn) * 1000 : 0,
  };
}

function sleep(milliseconds: number, signalOf: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signalOf?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("Aborted", "AbortError"));
    });
  });
}

/** Whether something was thrown because it was stopped. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** What went wrong, in a sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
