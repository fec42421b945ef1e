/**
 * Requests that no client would send, for what answers the API: whatever is sent, nothing fails, nothing of another scope
 * is read or written, and what is refused costs nothing.
 *
 * @module
 */
import { connect } from "node:net";
import * as fc from "fast-check";
import { codePoint } from "./code-point.ts";

/** A request as it goes over the wire. */
export interface HostileRequest {
  method: string;
  /** The request's target, below `/namespaces`. */
  path: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer;
}

/** What came back. */
export interface HostileAnswer {
  status: number;
  head: string;
  body: string;
}

/** What a request may be about. */
export interface Surroundings {
  /** Names of namespaces, those that may not be seen too. */
  namespaces: readonly string[];
  keys: readonly string[];
  /** Cursors of other listings. */
  cursors: readonly string[];
}

/** What means something to a path, a parser of URLs, or JavaScript. */
const FRAGMENTS = [
  " ",
  "k".repeat(513),
  ...". .. %2e %2E%2e / // %2F %5c \\ % %4 %ff %00 %ED%A0%80 %F0%9F%98%80 %20 %5B%5D".split(" "),
  ...'? # & = ; + * ~ @ : a a:1 0 -1 1e9 NaN null __proto__ constructor toString é <script> $(id) "'.split(" "),
];

const junk = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 4 }).map((parts) => parts.join(""));

/** Texts as JSON may hold them, lone surrogates among them. */
const text = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 20 }),
  fc.constantFrom("", "\uD800", "a\uDC00b", "\u0000", "..", "__proto__", "😀", "m".repeat(1025), "k".repeat(513)),
);

const number = fc.oneof(fc.constantFrom(0, -1, 59, 60, 1e12, 2 ** 53, 1e300), fc.integer(), fc.double());

/** Bodies of JSON by what they are for, all of them nearly what is wanted. */
function jsonBodies({ keys }: Surroundings) {
  const key = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...keys) }, text);
  const odd = fc.oneof(text, number, fc.constantFrom(null, true, [], {}), fc.jsonValue({ maxDepth: 3 }));
  const pair = fc.record(
    {
      key: fc.oneof({ weight: 4, arbitrary: key }, odd),
      value: fc.oneof({ weight: 4, arbitrary: text }, odd),
      base64: odd,
      expiration: fc.oneof(number, odd),
      expiration_ttl: fc.oneof(number, odd),
      metadata: odd,
    },
    { requiredKeys: ["key", "value"] },
  );
  const reading = {
    keys: fc.array(fc.oneof({ weight: 4, arbitrary: key }, odd), { maxLength: 4 }),
    type: fc.oneof(fc.constantFrom("text", "json"), odd),
    withMetadata: fc.oneof(fc.boolean(), odd),
  };
  return {
    pairs: fc.array(pair, { maxLength: 4 }),
    keys: fc.array(key, { maxLength: 4 }),
    reading: fc.record(reading, { requiredKeys: ["keys"] }),
    title: fc.record({ title: fc.oneof(text, odd) }),
    odd,
  };
}

const BOUNDARIES = ["b", "b".repeat(70), "b".repeat(252), '"b"', "", "\\"];

/** A form, or something like it. */
const form = fc
  .record({
    boundary: fc.constantFrom(...BOUNDARIES),
    parts: fc.array(fc.tuple(fc.constantFrom("value", "metadata", "other", "", '"'), text), { maxLength: 4 }),
    end: fc.constantFrom("--", "", "\r\n"),
  })
  .map(({ boundary, parts, end }) => {
    const lines = parts.map(
      ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return {
      type: `multipart/form-data; boundary=${boundary}`,
      body: Buffer.from(`${lines.join("")}--${boundary}${end}`),
    };
  });

/** A body with its content-type. */
function bodies(surroundings: Surroundings): fc.Arbitrary<{ type: string; body: Buffer }> {
  const type = fc.constantFrom(
    "application/json",
    "text/plain",
    "multipart/form-data",
    "application/octet-stream",
    "?",
  );
  const bytes = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.oneof(...Object.values<fc.Arbitrary<unknown>>(jsonBodies(surroundings))).map(toJson),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "{", "[1e400]", "[".repeat(1000), `[${"0,".repeat(10_000)}0]`, "\uFEFF[]"),
    },
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(type, bytes).map(([kind, body]) => ({ type: kind, body: Buffer.from(body) })) },
    {
      weight: 1,
      arbitrary: fc.tuple(type, fc.uint8Array()).map(([kind, body]) => ({ type: kind, body: Buffer.from(body) })),
    },
    { weight: 2, arbitrary: form },
  );
}

function paths({ namespaces, keys, cursors }: Surroundings): fc.Arbitrary<string> {
  const encoded = fc.oneof(junk, fc.constantFrom(...keys).map(encodeURIComponent));
  const namespace = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...namespaces) }, junk);
  const below = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom("values", "metadata"), encoded).map((parts) => parts.join("/")) },
    { weight: 3, arbitrary: fc.constantFrom("keys", "bulk", "bulk/get", "bulk/delete") },
    { weight: 1, arbitrary: junk },
  );
  const cursor = fc.oneof(junk, fc.constantFrom(...cursors).map(encodeURIComponent), fc.base64String());
  const parameter = fc.oneof(
    cursor.map((value) => `cursor=${value}`),
    encoded.map((value) => `prefix=${value}`),
    fc
      .tuple(
        fc.constantFrom("limit", "expiration", "expiration_ttl", "page", "per_page", "order", "direction"),
        fc.oneof(junk, number.map(String)),
      )
      .map((parts) => parts.join("=")),
  );
  const query = fc.array(parameter, { maxLength: 3 }).map((parts) => (parts.length === 0 ? "" : `?${parts.join("&")}`));
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(namespace, below, query).map(([name, rest, tail]) => `/${name}/${rest}${tail}`) },
    { weight: 2, arbitrary: fc.tuple(namespace, query).map(([name, tail]) => `/${name}${tail}`) },
    { weight: 2, arbitrary: query },
    { weight: 1, arbitrary: fc.tuple(junk, query).map((parts) => parts.join("")) },
  );
}

const METHODS = ["GET", "GET", "PUT", "PUT", "POST", "POST", "DELETE", "DELETE", "HEAD", "PATCH", "OPTIONS"];

const HEADERS = [
  "kvplug-cache-ttl",
  "accept-encoding",
  "range",
  "if-none-match",
  "x-forwarded-host",
  "x-auth-email",
  "origin",
];

/** Any of them, half of which come near to what a client would send. */
export function hostileRequests(surroundings: Surroundings): fc.Arbitrary<HostileRequest> {
  const header = fc.tuple(
    fc.constantFrom(...HEADERS),
    fc.oneof(fc.constantFrom("60", "", "*", "http://127.0.0.1", "a\tb"), number.map(String)),
  );
  const any = fc
    .record({
      method: fc.constantFrom(...METHODS),
      path: paths(surroundings),
      headers: fc.array(header, { maxLength: 2 }),
      body: bodies(surroundings),
    })
    .map(({ method, path, headers, body: { type, body } }) => ({
      method,
      path,
      headers: [["content-type", type], ...headers] as const,
      // A request of these methods has none.
      body: /^(GET|HEAD|OPTIONS)$/.test(method) ? Buffer.alloc(0) : body,
    }));
  return fc.oneof(any, nearRequests(surroundings));
}

/** Requests that hold what their route takes, save for the content. */
function nearRequests(surroundings: Surroundings): fc.Arbitrary<HostileRequest> {
  const { pairs, keys, reading, title } = jsonBodies(surroundings);
  const near = (method: string, below: string, body: fc.Arbitrary<unknown>): fc.Arbitrary<HostileRequest> =>
    fc.tuple(fc.constantFrom(...surroundings.namespaces), body).map(([namespace, value]) => ({
      method,
      path: below.replace("ID", namespace),
      headers: [],
      body: Buffer.from(toJson(value)),
    }));
  return fc.oneof(
    near("PUT", "/ID/bulk", pairs),
    near("POST", "/ID/bulk/delete", keys),
    near("POST", "/ID/bulk/get", reading),
    near("POST", "", title),
    near("PUT", "/ID", title),
  );
}

function toJson(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/** Sends exactly this, and returns what comes back until the connection ends. */
export async function sendHostile(
  port: number,
  { method, path, headers, body }: HostileRequest,
  account: string,
  more: Record<string, string> = {},
): Promise<HostileAnswer> {
  const target = `/client/v4/accounts/${account}/storage/kv/namespaces${path}`;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...[...Object.entries({ host: "127.0.0.1", connection: "close", ...more }), ...headers].map(
      ([name, value]) => `${name}: ${value}`,
    ),
    ...(body.length > 0 || method === "PUT" || method === "POST" ? [`content-length: ${body.length}`] : []),
  ];
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // What is refused may be cut off while it is sent.
  socket.on("error", () => {});
  socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]));
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const [head = "", ...rest] = Buffer.concat(chunks).toString().split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body: rest.join("\r\n\r\n") };
}
