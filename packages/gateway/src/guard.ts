/**
 * Checks that run before a request is routed.
 *
 * @module
 */
import { LIMITS_HEADER, MAX_VALUE_BYTES, formatLimits } from "@kvplug/core/seam";
import type { Grant } from "@kvplug/server/access";
import { ApiError, CODE, MAX_MULTIPART_OVERHEAD_BYTES, authenticationError, tokenOf } from "@kvplug/server/routes";
import type { Context, MiddlewareHandler } from "hono";
import { LIMITS } from "./limits.ts";
import { grantOf } from "./tokens.ts";
import type { Env } from "./tokens.ts";

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

/** Accepts requests whose token the Worker's secrets know. */
export const authenticate: Step = async (c, next) => {
  const grant = await grantOf(c.env, tokenOf(c));
  if (grant === undefined) throw authenticationError();
  c.set("grant", grant);
  return next();
};

const TOLD_LIMITS = formatLimits(LIMITS);

/** Tells the limits to the driver, with each answer. */
export const tellLimits: Step = async (c, next) => {
  await next();
  c.header(LIMITS_HEADER, TOLD_LIMITS);
};
