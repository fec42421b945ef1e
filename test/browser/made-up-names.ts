import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An API with a namespace of as many names as one likes. */
export interface MadeUpApi extends AsyncDisposable {
  readonly url: string;
}

/** The names that it lists, in their order. */
const nameOf = (i: number): string => `user:${String(i).padStart(8, "0")}:profile`;

/**
 * Starts the part of the REST API that a listing needs, over names that are made up as they are asked for: ten million
 * values would take longer to write than to list.
 */
export async function startMadeUpNames(count: number): Promise<MadeUpApi> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    const { result, info } = pathname.endsWith("/keys")
      ? pageOf(count, searchParams)
      : { result: [{ id: "main", title: "main" }], info: { count: 1, page: 1, per_page: 1000, total_count: 1 } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ success: true, errors: [], messages: [], result, result_info: info }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/client/v4`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The cursor is the number of the next name. */
function pageOf(count: number, query: URLSearchParams): { result: { name: string }[]; info: object } {
  const from = Number(query.get("cursor") ?? 0);
  const end = Math.min(count, from + Number(query.get("limit") ?? 1000));
  const result = Array.from({ length: end - from }, (_, i) => ({ name: nameOf(from + i) }));
  return { result, info: { count: result.length, cursor: end < count ? String(end) : "" } };
}
