/**
 * Tests a deployed gateway.
 *
 * @module
 */
import { createClient, createKV, isKVError } from "@kvplug/core";
import type { KV, KVNamespaceInfo } from "@kvplug/core";
import { KVError, LIMITS_HEADER, checkOptionNames, reasonOf, redactURLs } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import { createToken } from "@kvplug/server/access";
import { CODE } from "@kvplug/server/routes";

/** Options of {@link checkGateway}. */
export interface CheckOptions {
  /** The token to send. */
  token: string;
  /** The namespace, by id or title. Default: the first that the token may access. */
  namespace?: string | undefined;
  /** The account id to use. Default: `"any"`. */
  account?: string | undefined;
  /** A prefix for the test key, for a token that is limited to some prefixes. Default: none. */
  prefix?: string | undefined;
}

/** The checks, in order. */
export type CheckName = "gateway" | "auth" | "write" | "read" | "delete" | "latency";

/** The result of a check. */
export interface CheckStep {
  readonly name: CheckName;
  readonly ok: boolean;
  /** What was found, or what is wrong; never a token. */
  readonly detail: string;
  readonly elapsed: Milliseconds;
}

/** Likely causes of a refusal, for someone who sets up a gateway. */
const HINTS: Readonly<Record<number, string>> = {
  403: ": none of its secrets has the hash of this token. For a new project, upload it with `npx wrangler secret bulk .dev.vars`",
  404: ": the API is not there, or belongs to another account",
};

/** How long an answer may take. */
const PATIENCE: Milliseconds = 20_000;

/** How many reads the latency is of. */
const READS = 10;

/** How long a key that was written may stay unseen. */
const SEEN_WITHIN: Milliseconds = 10_000;

/**
 * Tests a gateway step by step, and yields each result: whether it is a gateway, rejects a wrong token, and writes,
 * reads and deletes a key, which expires by itself in a minute; then how long a read takes. Ends with the first step
 * that fails.
 *
 * @throws {KVError} `KV_INVALID` for an invalid URL or option.
 * @example
 * for await (const { name, ok, detail } of checkGateway("https://kv-gateway.example.workers.dev", { token })) {
 *   console.log(ok ? "ok" : "FAILED", name, detail);
 * }
 */
export async function* checkGateway(url: string, options: CheckOptions): AsyncGenerator<CheckStep> {
  checkOptionNames("checkGateway", options, ["token", "namespace", "account", "prefix"]);
  const baseURL = baseURLOf(url);
  const { token, account = "any", prefix = "" } = options;
  if (typeof token !== "string" || token === "") throw new KVError("KV_INVALID", "checkGateway needs a token.");

  let namespace = options.namespace;
  const first = await step("gateway", async () => {
    const { refusal, isGateway, namespaces } = await ask(baseURL, account, token);
    if (refusal !== undefined) throw new Error(`it answered ${refusal}${HINTS[refusal] ?? ""}`);
    if (!isGateway) throw new Error(`it answers without ${LIMITS_HEADER}: this is not a gateway`);
    const titles = namespaces.map(({ title }) => title).join(", ");
    namespace ??= namespaces[0]?.title;
    if (namespace === undefined) throw new Error("the token may access no namespace");
    if (!namespaces.some(({ id, title }) => id === namespace || title === namespace))
      throw new Error(`the token may access ${titles}, but no namespace ${JSON.stringify(namespace)}`);
    return `serves ${titles}`;
  });
  yield first;
  if (!first.ok) return;

  const auth = await step("auth", async () => {
    const { refusal = 200 } = await ask(baseURL, account, createToken());
    if (refusal !== 403) throw new Error(`a wrong token was answered with ${refusal}`);
    return "a wrong token is rejected";
  });
  yield auth;
  if (!auth.ok) return;

  const kv = createKV({ baseURL, accountId: account, namespaceId: namespace!, apiToken: token, deadline: PATIENCE });
  try {
    yield* checkKey(kv, `${prefix}kvplug-check:${crypto.randomUUID()}`);
  } finally {
    await kv.close();
  }
}

async function* checkKey(kv: KV, key: string): AsyncGenerator<CheckStep> {
  const value = crypto.randomUUID();
  let mayWrite = true;
  const write = await step("write", async () => {
    try {
      await kv.put(key, value, { expirationTtl: 60 });
      return `wrote ${key}`;
    } catch (error) {
      if (
        !isKVError(error) ||
        !error.errors.some(({ code, message }) => code === CODE.outOfScope && /read-only/.test(message))
      )
        throw error;
      mayWrite = false;
      return "the token is read-only: nothing was written";
    }
  });
  yield write;
  if (!write.ok) return;

  const read = await step("read", () => (mayWrite ? readBack(kv, key, value) : readNothing(kv, key)));
  yield read;

  const latency = read.ok && (await step("latency", () => timeReads(kv, key)));
  if (mayWrite) {
    yield await step("delete", async () => {
      await kv.delete(key);
      return `deleted ${key}`;
    });
  }
  if (latency) yield latency;
}

async function readBack(kv: KV, key: string, value: string): Promise<string> {
  const began = performance.now();
  for (;;) {
    if ((await kv.get(key)) === value) return "read what was written";
    if (performance.now() - began > SEEN_WITHIN) throw new Error("what was written does not show");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function readNothing(kv: KV, key: string): Promise<string> {
  if ((await kv.get(key)) !== null) throw new Error("a key that does not exist has a value");
  return "a key that does not exist is missing";
}

async function timeReads(kv: KV, key: string): Promise<string> {
  const times: Milliseconds[] = [];
  for (let i = 0; i < READS; i++) {
    const began = performance.now();
    await kv.get(key);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return `${READS} reads: ${Math.round(times[READS / 2]!)} ms median, ${Math.round(times.at(-1)!)} ms at most`;
}

/** Runs one step, and returns its result. */
async function step(name: CheckName, run: () => Promise<string>): Promise<CheckStep> {
  const began = performance.now();
  try {
    const detail = await run();
    return { name, ok: true, detail, elapsed: performance.now() - began };
  } catch (error) {
    return { name, ok: false, detail: reasonOf(error), elapsed: performance.now() - began };
  }
}

/** What came of asking for the namespaces. */
interface Asked {
  /** The answer's status, if the request was refused. */
  readonly refusal: number | undefined;
  readonly isGateway: boolean;
  readonly namespaces: readonly KVNamespaceInfo[];
}

/** Asks for the namespaces, by the driver's way: through its proxies, and following no redirect. */
async function ask(baseURL: string, accountId: string, apiToken: string): Promise<Asked> {
  await using client = createClient({ baseURL, accountId, apiToken, retry: false, deadline: PATIENCE });
  try {
    const { namespaces } = await client.namespaces.page(1);
    return { refusal: undefined, isGateway: client.isGateway(), namespaces };
  } catch (error) {
    if (!isKVError(error)) throw error;
    if (error.httpStatus === undefined) throw new Error(`it cannot be reached: ${reasonOf(error)}`, { cause: error });
    // What is no refusal of the API's says itself what it is: a redirect, a page.
    if (error.httpStatus < 400) throw error;
    return { refusal: error.httpStatus, isGateway: client.isGateway(), namespaces: [] };
  }
}

/** A Worker's address is taken as well as the API's on it. */
function baseURLOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || redactURLs(url) !== url) {
    throw new KVError("KV_INVALID", "A gateway's URL looks like https://kv-gateway.example.workers.dev.");
  }
  const path = parsed.pathname.replace(/\/+$/, "");
  return `${parsed.origin}${path === "" ? "/client/v4" : path}`;
}
