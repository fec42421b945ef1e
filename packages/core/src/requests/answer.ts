/**
 * The API's answers, and what its errors mean.
 *
 * @module
 */
import { KVError, KVRateLimitError, type KVApiMessage, type KVErrorDetails } from "../seam/errors.ts";
import { headerParameter } from "../seam/header-parameter.ts";
import type { Seconds } from "../seam/kv-namespace.ts";
import { reasonOf } from "../seam/reason.ts";
import { redactURLs, withoutIds } from "../seam/redact.ts";
import { requestLine } from "./request-line.ts";
import {
  AnswerTooLarge,
  BadAnswer,
  TransportTimeout,
  type TransportHead,
  type TransportResponse,
} from "../transport/transport.ts";

/** The envelope around every answer but a value's. */
export interface Envelope<Result> {
  success: boolean;
  errors?: KVApiMessage[];
  result: Result;
  result_info?: { count?: number; cursor?: string; page?: number; per_page?: number; total_count?: number };
}

/** The request that an error is about. */
export interface Asked {
  method: string;
  path: string;
  key?: string | undefined;
}

/** The code by which the API says that a key does not exist. No other 404 means that. */
export const KEY_NOT_FOUND = 10009;

/** The code by which the API says that a bulk read met a value that is not text. */
export const NOT_TEXT = 10029;

/** The code by which a gateway says that a token may not see one of the keys. */
export const OUT_OF_SCOPE = 10403;

/** The code of the free plan's daily limit: waiting a moment does not help. */
export const DAILY_LIMIT = 10048;

/**
 * Reads an envelope; a proxy's page, a truncated body or `success: false` becomes an error.
 *
 * @param parse Replaces `JSON.parse`, for a result that needs a parser of its own.
 */
export function readEnvelope<Result>(
  response: TransportResponse,
  asked: Asked,
  isResult: (result: any) => boolean = () => true,
  parse?: (text: string) => unknown,
): Envelope<Result> {
  const text = response.text();
  const envelope = parseEnvelope<Result>(text, parse);
  if (envelope === undefined) throw notTheApi(response, asked);
  if (!envelope.success) throw toError(response, asked, errorsOf(envelope));
  if (!isResult(envelope.result)) throw notTheApi(response, asked);
  return envelope;
}

function errorsOf(envelope: Envelope<unknown> | undefined): KVApiMessage[] {
  const errors: unknown = envelope?.errors;
  return Array.isArray(errors) ? errors.filter((error) => typeof error?.message === "string") : [];
}

/** Whether a value is in truth a proxy's page: the API sends values as octets, whatever they hold. */
export function isPage(response: TransportHead): boolean {
  return /^\s*text\/html/i.test(response.header("content-type") ?? "");
}

/** Returns the error of an unsuccessful answer. */
export function readError(response: TransportResponse, asked: Asked): KVError {
  const text = response.text();
  const envelope = parseEnvelope(text);
  // A proxy that answers 429 or 401 in its own words means the same; one that answers 403 does not mean the token.
  const isOwn = response.status >= 500 || response.status < 300;
  if (envelope === undefined && (isOwn || (response.status === 403 && isPage(response)))) {
    return notTheApi(response, asked);
  }
  return toError(response, asked, errorsOf(envelope));
}

function parseEnvelope<Result>(
  text: string,
  parse: (text: string) => unknown = JSON.parse,
): Envelope<Result> | undefined {
  try {
    const envelope = parse(text) as Envelope<Result> | null;
    return typeof envelope?.success === "boolean" ? envelope : undefined;
  } catch {
    return undefined;
  }
}

function details(
  response: TransportHead,
  { method, path, key }: Asked,
  errors: readonly KVApiMessage[],
): KVErrorDetails {
  return { httpStatus: response.status, cfRay: response.header("cf-ray"), errors, method, path, key };
}

/** The error of an answer that cannot be the API's. */
export function notTheApi(response: TransportResponse, asked: Asked): KVError {
  const text = response.text();
  const what =
    text === ""
      ? "an empty body"
      : text.trimStart().startsWith("<")
        ? "a page of HTML"
        : "a body that is not the API's JSON";
  const about = details(response, asked, []);
  const message = `${requestLine(asked)} was answered with ${response.status} and ${what}, probably by a`;
  if (response.status !== 403) return new KVError("KV_NETWORK", `${message} proxy in between.`, about);
  const ray = about.cfRay === undefined ? "" : ` Its cf-ray is ${about.cfRay}.`;
  return new KVError("KV_API", `${message} firewall, and not because of the token.${ray}`, about);
}

/** The codes with which Cloudflare rejects credentials, whatever the status (often 400). */
const CREDENTIALS: ReadonlySet<number> = new Set([6003, 6103, 6111, 9103, 9106, 9107, 9109, 10000]);

/** The codes with which Cloudflare says that an account, namespace or route does not exist. */
const NOWHERE: ReadonlySet<number> = new Set([7000, 7003, 10013]);

function toError(response: TransportHead, asked: Asked, errors: readonly KVApiMessage[]): KVError {
  const { status } = response;
  const said = errors.map(sayMessage).join("; ") || "no reason given";
  const message = `${requestLine(asked)} was answered with ${status}: ${said}.`;
  const about = details(response, asked, errors);
  const target = redirectTarget(response);
  if (target !== undefined) {
    return new KVError(
      "KV_API",
      `${requestLine(asked)} was answered with ${status}, a redirect to ${withoutIds(target)}, which is not followed. Check baseURL.`,
      about,
    );
  }
  if (status === 429) return new KVRateLimitError(message, retryAfter(response), about);
  if (errors.some(({ code }) => NOWHERE.has(code))) return notFound(message, about);
  if (status === 401 || status === 403 || errors.some(({ code }) => CREDENTIALS.has(code))) {
    return new KVError(
      "KV_AUTH",
      `${message} Check the token, and that it has permission to edit Workers KV in this account.`,
      about,
    );
  }
  return status === 404 ? notFound(message, about) : new KVError("KV_API", message, about);
}

function notFound(message: string, about: KVErrorDetails): KVError {
  return new KVError("KV_NOT_FOUND", `${message} Check accountId, namespaceId and baseURL.`, about);
}

/** Formats an API error with its underlying ones. */
function sayMessage({ code, message, error_chain: beneath }: KVApiMessage): string {
  const chain = Array.isArray(beneath) ? beneath.filter((error) => typeof error?.message === "string") : [];
  return [`${withoutIds(message)} (${code})`, ...chain.map(sayMessage)].join(": ");
}

/**
 * Whether the API rejected the content of a request, perhaps one key, rather than its sender, its address or its time.
 */
export function isAboutKeys(error: unknown): boolean {
  if (saysCode(error, OUT_OF_SCOPE)) return true;
  return error instanceof KVError && error.code === "KV_API" && [400, 413, 422].includes(error.httpStatus ?? 0);
}

/** The error of a request that got no answer, or of an answer that broke off. */
export function unreachable(cause: unknown, asked: Asked): KVError {
  const timedOut = cause instanceof TransportTimeout;
  if (cause instanceof BadAnswer) {
    return new KVError("KV_API", `${requestLine(asked)}: ${cause.message}`, { ...asked, cause });
  }
  const message = `${requestLine(asked)} got no answer: ${withoutIds(reasonOf(cause))}`;
  return new KVError(timedOut ? "KV_TIMEOUT" : "KV_NETWORK", message, { ...asked, cause });
}

/** Whether an attempt failed on the way, or the API by no fault of the request: another one may heal that. */
export function isOnTheWay({ code, httpStatus = 0 }: KVError): boolean {
  return code === "KV_NETWORK" || code === "KV_TIMEOUT" || httpStatus >= 500;
}

/** What a failed connection says that was never made: nothing was sent. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** With what a gateway or a proxy answers, in the API's words or its own, that does not know what became of a request. */
const UNKNOWN_OUTCOMES: ReadonlySet<number> = new Set([502, 504]);

/** Whether a failed attempt may still take effect: it was sent, and the API itself did not answer. */
export function mayTakeEffect(error: unknown): boolean {
  if (!(error instanceof KVError)) return false;
  if (UNKNOWN_OUTCOMES.has(error.httpStatus ?? 0)) return true;
  if (error.code !== "KV_NETWORK" && error.code !== "KV_TIMEOUT") return false;
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && NOT_CONNECTED.has(cause.code)) return false;
  }
  return true;
}

/** Whether an answer is more than may come at once: by the API's own word, or by its length. */
export function isTooMuch({ httpStatus, cause }: KVError): boolean {
  return httpStatus === 413 || cause instanceof AnswerTooLarge;
}

/** Where a redirect points to, without what may be secret; `undefined` for any other answer. */
function redirectTarget(response: TransportHead): string | undefined {
  const location = response.header("location");
  if (response.status < 300 || response.status >= 400 || location === undefined) return undefined;
  if (!URL.canParse(location)) return redactURLs(location.replace(/[?#].*$/s, ""));
  const { origin, pathname } = new URL(location);
  return origin + pathname;
}

const MIN_RETRY_AFTER: Seconds = 1;
const MAX_RETRY_AFTER: Seconds = 24 * 60 * 60;

/** Returns how long to wait after a 429; a second if the answer does not say. */
function retryAfter(response: TransportHead): Seconds {
  const header = response.header("retry-after");
  const seconds = Number(header);
  const until = Date.parse(header ?? "");
  const wait = seconds >= 0 ? seconds : Math.ceil((until - Date.now()) / 1000);
  // A clock that is off makes any date one of the past: the API is not asked more than once a second.
  return Number.isNaN(wait) ? MIN_RETRY_AFTER : Math.min(Math.max(MIN_RETRY_AFTER, wait), MAX_RETRY_AFTER);
}

/**
 * Whether a 429 is for one key that is written too fast, and not for the budget: some budget is left or, if the answer
 * does not say, there is no `Retry-After`.
 */
export function isKeyLimit(response: TransportHead): boolean {
  const remaining = headerParameter(response.header("ratelimit"), "r");
  return remaining === undefined ? response.header("retry-after") === undefined : remaining > 0;
}

/** Whether the API itself said this code. */
export function saysCode(error: unknown, code: number): boolean {
  return error instanceof KVError && error.errors.some((message) => message.code === code);
}
