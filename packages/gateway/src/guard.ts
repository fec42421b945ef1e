/**
 * Checks that run before a request is routed.
 *
 * @module
 */
import { LIMITS_HEADER, MAX_VALUE_BYTES, formatLimits } from "@kvplug/core/seam";
import { ApiError, CODE, MAX_MULTIPART_OVERHEAD_BYTES, authenticationError, tokenOf } from "@kvplug/server/routes";
import type { Context, MiddlewareHandler } from "hono";
import { LIMITS } from "./limits.ts";
import { grantOf } from "./tokens.ts";
import type { Env, Grant } from "./tokens.ts";

/** The bindings of the Worker, and what the token of the request may do. */
export type GatewayContext = Context<{ Bindings: Env; Variables: { grant: Grant } }>;

/** A step of that way. */
export type Step = MiddlewareHandler<{ Bindings: Env; Variables: { grant: Grant } }>;

/** The name of a namespace may be `values` as well. */
const VALUE_PATH = /\/namespaces\/[^/]+\/values\//;

/** Refuses a body that says it is larger than any may be, before anything of it is read. */
export const boundBody: Step = async (c, next) => {
  const limit = VALUE_PATH.test(c.req.path) ? MAX_VALUE_BYTES + MAX_MULTIPART_OVERHEAD_BYTES : LIMITS.bulkBytes;
  const declared = Number(c.req.header("content-length") ?? 0);
  if (declared <= limit) return next();
  throw new ApiError(413, CODE.value, `This request may have up to ${limit} bytes; its content-length is ${declared}.`);
};

/** Lets in who shows a token that the Worker's secrets know. */
export const authenticate: Step = async (c, next) => {
  const grant = await grantOf(c.env, tokenOf(c));
  if (grant === undefined) throw authenticationError();
  c.set("grant", grant);
  return next();
};

/** Lets a token that may read do nothing else. All is a write but what is known to be none. */
export const refuseWrites: Step = async (c, next) => {
  const { method, path } = c.req;
  const reads = method === "GET" || method === "HEAD" || (method === "POST" && path.endsWith("/bulk/get"));
  if (reads || c.get("grant").access === "read-write") return next();
  throw new ApiError(403, CODE.outOfScope, "This token is read-only, and this is a write.");
};

const TOLD_LIMITS = formatLimits(LIMITS);

/** Tells the limits to the driver, with each answer. */
export const tellLimits: Step = async (c, next) => {
  await next();
  c.header(LIMITS_HEADER, TOLD_LIMITS);
};
