/**
 * An API that costs little, in a process of its own: it lists as many keys as the namespace's name says,
 * reads each key as itself, padded to 1 KiB where metadata is asked for, and takes every write unread.
 * Prints its base URL.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const PAGE = 1000;

/** Long enough that whoever keeps them all is found out. */
const nameOf = (i: number): string => `key/${String(i).padStart(200, "0")}`;

function list(url: URL, count: number): string {
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const end = Math.min(start + PAGE, count);
  const keys = Array.from({ length: end - start }, (_, i) => ({ name: nameOf(start + i), metadata: start + i }));
  return envelope(keys, { count: keys.length, cursor: end < count ? String(end) : "" });
}

function read(body: string): string {
  const { keys, withMetadata } = JSON.parse(body) as { keys: string[]; withMetadata?: boolean };
  const padded = (key: string): object => ({ value: key.padEnd(1024, "."), metadata: null });
  return envelope({ values: Object.fromEntries(keys.map((key) => [key, withMetadata ? padded(key) : key])) });
}

function envelope(result: unknown, info?: unknown): string {
  return JSON.stringify({ success: true, errors: [], messages: [], result, result_info: info });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, "http://localhost");
  const [namespace, route] = url.pathname
    .split("/")
    .slice(8)
    .join("/")
    .split(/\/(.*)/);
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (route === "bulk/get") chunks.push(chunk as Buffer);
  if (route === "keys") response.end(list(url, Number(namespace)));
  else if (route === "bulk/get") response.end(read(Buffer.concat(chunks).toString()));
  else response.end(envelope({ unsuccessful_keys: [] }));
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4\n`);
});
