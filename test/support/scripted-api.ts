import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createKV, type KV, type KVClientOptions } from "@kvplug/core";

/** An answer as it goes over the wire. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: string | Uint8Array;
  /** Whether the body is sent over and over, without an end. */
  endless?: boolean;
  /** Whether the body never ends: blanks follow it, one by one. */
  drips?: boolean;
  /** Whether nothing follows the body, although more was announced. */
  stops?: boolean;
}

/** What takes the place of an answer that never comes. */
export const SILENCE = "silence";

/** An answer in the API's envelope. */
export function envelope(
  result: unknown,
  more: { status?: number; headers?: Record<string, string>; info?: object } = {},
): Answer {
  const { status = 200, headers = {}, info } = more;
  return {
    status,
    headers,
    body: JSON.stringify({ success: true, errors: [], messages: [], result, result_info: info }),
  };
}

/** A refusal in the API's envelope. */
export function refusal(status: number, code: number, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers,
    body: JSON.stringify({ success: false, errors: [{ code, message: "refused" }], messages: [], result: null }),
  };
}

/**
 * Runs with a driver whose requests are answered by these answers, one after the other: for what
 * Cloudflare answers and the local server does not. Returns how many requests came.
 */
export async function withAnswers(
  answers: readonly (Answer | typeof SILENCE)[],
  run: (kv: KV, api: { readonly requests: number }) => Promise<void>,
  options: KVClientOptions = {},
): Promise<number> {
  let requests = 0;
  const server = createServer((request, response) => {
    const answer = answers[requests++] ?? { status: 500, body: "no answer is left" };
    if (answer === SILENCE) return;
    const { status = 200, headers = {}, body, drips = false, endless = false, stops = false } = answer;
    request.resume().on("end", () => {
      response.writeHead(status, headers);
      if (endless) return Readable.from(repeat(body)).pipe(response);
      if (!drips && !stops) return response.end(body);
      response.write(body);
      if (stops) return undefined;
      const dripping = setInterval(() => response.write(" "), 20);
      return response.on("close", () => clearInterval(dripping));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kv = createKV({
    baseURL,
    accountId: "account",
    namespaceId: "id",
    apiToken: "token",
    retry: { minDelay: 1 },
    ...options,
  });
  try {
    await run(kv, {
      get requests() {
        return requests;
      },
    });
  } finally {
    await kv.close();
    server.close();
  }
  return requests;
}

function* repeat<Item>(item: Item): Generator<Item> {
  for (;;) yield item;
}
