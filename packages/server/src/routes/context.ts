import type { Milliseconds } from "@kvplug/core/seam";
import type { Context, Hono } from "hono";
import type { NamespaceInfo, Namespaces, StoreNamespace } from "../backend.ts";
import { namespaceNotFound } from "./errors.ts";

/** What every route works with. */
export interface RouteContext {
  /** The namespaces that a request may see. */
  readonly namespaces: (c: Context) => Namespaces;
  readonly now: () => Milliseconds;
  /** The most bytes of JSON that a request may hold. */
  readonly maxBulkBytes: number;
}

/** Where routes are added: the app, below the path of its namespaces. */
export type RouteApp = Hono<any, any, any>;

/** The pattern of a namespace's id in a path. */
export const ID = "/:namespace";

/** The store of the namespace in the path, or the API's error. */
export function storeOf({ namespaces }: RouteContext, c: Context, operation: string): StoreNamespace {
  const kv = namespaces(c).open(idOf(c));
  if (kv === undefined) throw namespaceNotFound(operation);
  return kv;
}

/** The namespace in the path, or the API's error. */
export async function namespaceOf({ namespaces }: RouteContext, c: Context, operation: string): Promise<NamespaceInfo> {
  const info = await namespaces(c).get(idOf(c));
  if (info === undefined) throw namespaceNotFound(operation);
  return info;
}

function idOf(c: Context): string {
  return c.req.param("namespace") ?? "";
}
