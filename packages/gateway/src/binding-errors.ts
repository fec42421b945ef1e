import { ApiError, CODE } from "@kvplug/server/routes";

/** How the runtime words a refusal of KV: `KV PUT failed: 429 Too Many Requests`. */
const REFUSAL = /^KV (\w+) failed: (\d{3})\b\s*(.*)/s;

/** What it calls a read there. */
const READ = /^(GET|LIST)/;

const READS_TOO_FAST = "KV gets too many reads: read this later.";
const WRITES_TOO_FAST = "KV accepts one write a second per key, and this one came too soon.";

/** How it words that a day's free operations are spent: `KV put() limit exceeded for the day.` */
const DAILY_LIMIT = /limit exceeded for the day/;

/** Whether KV says that a key is written too fast: more than once a second. */
export function isTooFast(error: unknown): boolean {
  return REFUSAL.exec(messageOf(error))?.[2] === "429";
}

/** Answers what the binding throws in the terms of the API. */
export async function asked<Result>(operation: Promise<Result>): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    throw toApiError(error);
  }
}

/** What the binding throws, in the terms of the API. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = messageOf(error);
  if (DAILY_LIMIT.test(message)) return new ApiError(429, CODE.dailyLimit, message);
  const [, verb = "", status, why] = REFUSAL.exec(message) ?? [];
  if (status === "429") return new ApiError(429, CODE.writeLimit, READ.test(verb) ? READS_TOO_FAST : WRITES_TOO_FAST);
  if (status === "413") return new ApiError(413, CODE.value, `KV rejected this as too large: ${why}`);
  if (status === "400" || status === "414") return new ApiError(400, CODE.value, `KV rejected this: ${why}`);
  return new ApiError(502, CODE.unavailable, `KV failed to handle this: ${message}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
