import type { State } from "./history.ts";

/** What a request asks of the API. */
export type Asked =
  | { do: "put"; key: string; pairs: Map<string, Stored> }
  | { do: "delete"; key: string }
  | { do: "bulk put"; pairs: Map<string, Stored> }
  | { do: "bulk delete"; keys: string[] }
  | { do: "get"; key: string }
  | { do: "metadata"; key: string }
  | { do: "bulk get"; keys: string[]; withMetadata: boolean }
  | { do: "list"; prefix: string; cursor: string; limit: number };

/** A value as the API keeps it. */
export interface Stored {
  readonly value: string;
  readonly metadata: unknown;
}

/** A request as it comes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly contentType: string | undefined;
  /** Whether its body comes in chunks. */
  readonly isStream: boolean;
}

/** The part of the path that the fake API serves. */
export const BASE_URL = "http://api.test/client/v4";
export const NAMESPACE_PATH = "/client/v4/accounts/account/storage/kv/namespaces/namespace";

/** A route with its key, as far as the head of a request tells. */
export function routeOf({ method, path }: WireRequest): {
  route: string;
  key: string | undefined;
  query: URLSearchParams;
} {
  const [before, query] = path.split("?");
  if (!before!.startsWith(`${NAMESPACE_PATH}/`)) throw new Error(`the fake API has no ${path}`);
  const [first, ...rest] = before!.slice(NAMESPACE_PATH.length + 1).split("/");
  const keyed = first === "values" || first === "metadata";
  return {
    route: `${method} ${keyed ? first : [first, ...rest].join("/")}`,
    key: keyed ? decodeURIComponent(rest.join("/")) : undefined,
    query: new URLSearchParams(query),
  };
}

/** Reads a request whose body has come. */
export function parseRequest(request: WireRequest, body: string): Asked {
  const { route, key, query } = routeOf(request);
  switch (route) {
    case "PUT values":
      return { do: "put", key: key!, pairs: new Map([[key!, parseValue(request.contentType ?? "", body)]]) };
    case "DELETE values":
      return { do: "delete", key: key! };
    case "GET values":
      return { do: "get", key: key! };
    case "GET metadata":
      return { do: "metadata", key: key! };
    case "PUT bulk": {
      const pairs = JSON.parse(body) as { key: string; value: string; base64?: boolean; metadata?: unknown }[];
      const stored = pairs.map(({ key, value, base64, metadata }): [string, Stored] => [
        key,
        { value: base64 ? Buffer.from(value, "base64").toString() : value, metadata: metadata ?? null },
      ]);
      return { do: "bulk put", pairs: new Map(stored) };
    }
    case "POST bulk/delete":
      return { do: "bulk delete", keys: JSON.parse(body) as string[] };
    case "POST bulk/get": {
      const { keys, withMetadata = false } = JSON.parse(body) as { keys: string[]; withMetadata?: boolean };
      return { do: "bulk get", keys, withMetadata };
    }
    case "GET keys":
      return {
        do: "list",
        prefix: query.get("prefix") ?? "",
        cursor: query.get("cursor") ?? "",
        limit: Number(query.get("limit") ?? 1000),
      };
    default:
      throw new Error(`the fake API has no ${route}`);
  }
}

/** What a request writes, by key; empty for one that reads. */
export function writesOf(asked: Asked): Map<string, State> {
  if (asked.do === "put" || asked.do === "bulk put")
    return new Map([...asked.pairs].map(([key, { value }]) => [key, value]));
  if (asked.do === "delete") return new Map([[asked.key, null]]);
  if (asked.do === "bulk delete") return new Map(asked.keys.map((key) => [key, null]));
  return new Map();
}

function parseValue(contentType: string, body: string): Stored {
  const boundary = /boundary=(.+)$/.exec(contentType)?.[1];
  if (boundary === undefined) return { value: body, metadata: null };
  const parts = new Map<string, string>();
  for (const part of body.split(`--${boundary}`)) {
    const name = /name="(\w+)"/.exec(part)?.[1];
    if (name) parts.set(name, part.slice(part.indexOf("\r\n\r\n") + 4, -2));
  }
  return { value: parts.get("value")!, metadata: JSON.parse(parts.get("metadata") ?? "null") };
}
