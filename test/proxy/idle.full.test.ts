import { connect, type Socket } from "node:net";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { KillableProxy } from "../support/killable-proxy.ts";
import { residentOf } from "../support/resident.ts";
import { accountOf, TOKEN } from "../support/rest.ts";

const CONNECTIONS = 2000;
const MIB = 1024 * 1024;

test.runIf(process.platform === "linux")("2,000 idle connections take less than 100 MB", async () => {
  await using server = await startServer({ token: TOKEN, namespaces: ["test"] });
  // Little room for garbage, which a busy machine collects late, so that what is measured is held.
  await using proxy = await KillableProxy.start({ upstream: accountOf(server) }, ["--max-semi-space-size=1"]);
  const { port } = new URL(proxy.url);
  const path = `/client/v4/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}/values/a`;
  await server.kv("test").put("a", "a value");
  const ask = (socket: Socket): Promise<string> =>
    new Promise((resolve, reject) => {
      socket.once("data", (answer: Buffer) => resolve(String(answer)));
      socket.once("error", reject);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    });
  const open = async (): Promise<Socket> => {
    const socket = connect(Number(port), "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  };
  const sockets = [await open()];
  expect(await ask(sockets[0]!)).toContain("a value");
  const before = residentOf(proxy.pid);
  // Each is used before it is idle.
  while (sockets.length < CONNECTIONS) {
    const opened = await Promise.all(Array.from({ length: 20 }, open));
    for (const socket of opened) expect(await ask(socket)).toContain("a value");
    sockets.push(...opened);
  }
  expect(residentOf(proxy.pid) - before).toBeLessThan(100 * MIB);
  expect(sockets.filter(({ readableEnded, closed }) => readableEnded || closed)).toEqual([]);
  expect(await ask(sockets[0]!)).toContain("a value");
  for (const socket of sockets) socket.destroy();
});
