import type { Milliseconds } from "@kvplug/core/seam";
import type { ReadHeader } from "@kvplug/server/routes";

/** No wait is longer: by then the whole budget of Cloudflare's is there anew. */
const MAX_PATIENCE: Milliseconds = 300_000;

/** The share of a client's own timeout in which it is answered: afterwards nobody listens. */
const WITHIN_TIMEOUT = 0.9;

/**
 * How long a caller waits: what `Prefer: wait=SECONDS` (RFC 7240) says, else a little less than the timeout that
 * Cloudflare's SDKs send along.
 *
 * @param usual Of those who say nothing.
 */
export function patienceOf(header: ReadHeader, usual: Milliseconds): Milliseconds {
  const wait = secondsOf(/(?:^|[,;\s])wait\s*=\s*"?(\d+)/i.exec(header("prefer") ?? "")?.[1]);
  // The SDK for TypeScript sends the one, that for Python the other.
  const timeout = secondsOf(header("x-stainless-timeout")) ?? secondsOf(header("x-stainless-read-timeout"));
  const patience = wait ?? (timeout === undefined ? undefined : timeout * WITHIN_TIMEOUT);
  // 0 is for those who want no wait at all; a request takes its time all the same.
  return patience === undefined ? usual : Math.min(MAX_PATIENCE, Math.max(1, patience));
}

function secondsOf(text: string | undefined): Milliseconds | undefined {
  return text !== undefined && /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined;
}
