import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Serves some markup at a port of its own, which it tells, until the test ends. */
export async function servePage(markup: string): Promise<number> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end(`<link rel="icon" href="data:,">${markup}`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}
