/** An answer of the API, before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** The keys of which it says that they are written. */
  readonly confirmed?: readonly string[];
}

const JSON_HEADERS: Record<string, string> = { "content-type": "application/json" };

/** A success in the API's envelope. */
export function envelope(result: unknown, info?: unknown): Answer {
  const body = JSON.stringify({ success: true, errors: [], messages: [], result, result_info: info });
  return { status: 200, headers: JSON_HEADERS, body };
}

/** The answer to a bulk write. */
export function counted(done: number, failed: readonly string[] = []): Answer {
  return envelope({ successful_key_count: done, unsuccessful_keys: failed });
}

/** A success that tells nothing. */
export const NO_RESULT: Answer = { status: 200, headers: JSON_HEADERS, body: '{"success":true}' };

/** A value as it is, without an envelope. */
export function bytes(body: string): Answer {
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
}

/** A refusal in the API's envelope. */
export function refusal(status: number, code: number, message: string): Answer {
  const body = JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null });
  return { status, headers: JSON_HEADERS, body };
}

/** What a proxy says in the API's place. */
export const PAGE: Answer = {
  status: 502,
  headers: { "content-type": "text/html" },
  body: "<html>Bad gateway</html>",
};

/** A 429, for all requests or for one key. */
export function tooMany(isForKey: boolean, retryAfter: number | undefined): Answer {
  const answer = refusal(429, 10429, "Please wait and consider throttling your request speed");
  if (retryAfter === undefined) return answer;
  // That there is budget left tells that it is about the key.
  const budget: Record<string, string> = isForKey ? { ratelimit: '"default";r=50;t=30' } : {};
  return { ...answer, headers: { ...JSON_HEADERS, ...budget, "retry-after": String(retryAfter) } };
}

/** An answer that also tells how many requests are left of ten a second. */
export function withBudget(answer: Answer, left: number): Answer {
  const headers = { "ratelimit-policy": '"default";q=10;w=1', ratelimit: `"default";r=${left};t=1` };
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
