import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { KillableProxy } from "../support/killable-proxy.ts";
import { askURL } from "../support/proxy.ts";
import { mostResidentOf } from "../support/resident.ts";
import { accountOf, TOKEN } from "../support/rest.ts";

const GIB = 1024 ** 3;

/** What so many callers send at once: 600 MB of values, or 500 MB of bulk writes. */
const BODIES = {
  "largest values": [24, "/values/", () => "x".repeat(25 * 1024 * 1024)],
  "bulk writes": [
    24,
    "/bulk?",
    () => JSON.stringify(Array.from({ length: 10_000 }, (_, i) => ({ key: `key ${i}`, value: "x".repeat(2000) }))),
  ],
} as const;

test.runIf(process.platform === "linux").for(Object.entries(BODIES))(
  "a proxy stays below a GiB while many callers send %s",
  async ([, [callers, path, bodyOf]]) => {
    await using server = await startServer({ token: TOKEN, namespaces: ["test"] });
    await using proxy = await KillableProxy.start({
      upstream: { ...accountOf(server), writeInterval: 0 },
      patience: 300_000,
    });
    const namespace = `${proxy.url}/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}`;
    const body = new TextEncoder().encode(bodyOf());
    const statuses = new Map<number, number>();
    const send = async (caller: number): Promise<void> => {
      for (;;) {
        const answer = await askURL(`${namespace}${path}${caller % 8}`, "PUT", { body });
        const { status } = answer;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 200) return;
        expect([status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
        await setTimeout(1000);
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, caller) => send(caller)));
    expect(statuses.get(503)).toBeGreaterThan(0);
    expect(mostResidentOf(proxy.pid)).toBeLessThan(GIB);
  },
);

/** What so many callers ask for at once and do not read: 5 GB of values, or of answers to bulk gets. */
const ANSWERS = {
  values: ["GET", "/values/bytes", ""],
  "bulk gets": ["POST", "/bulk/get", JSON.stringify({ keys: ["text"] })],
} as const;

test
  .runIf(process.platform === "linux")
  .for(
    Object.entries(ANSWERS).flatMap(([name, asked]) =>
      [undefined, { max: 10 }].map((cache) => [name, asked, cache] as const),
    ),
  )("a proxy stays below a GiB while 200 callers read none of their %s", async ([, [method, path, body], cache]) => {
  const CALLERS = 200;
  await using server = await startServer({ token: TOKEN, namespaces: ["test"] });
  await server.kv("test").put("bytes", new Uint8Array(25 * 1024 * 1024).fill(0xff));
  await server.kv("test").put("text", "x".repeat(25 * 1024 * 1024));
  await using proxy = await KillableProxy.start({
    // What is on its way from upstream is bounded by this.
    upstream: { ...accountOf(server), batch: { maxInFlight: 8 } },
    patience: 300_000,
    cache,
  });
  const { port, pathname } = new URL(
    `${proxy.url}/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}${path}`,
  );
  const statuses = new Map<string, number>();
  const sockets = await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      const socket = connect(Number(port), "127.0.0.1");
      await once(socket, "connect");
      socket.write(
        `${method} ${pathname} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await once(socket, "readable");
      // The rest stays where it is.
      const status = String(socket.read(12));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      return socket;
    }),
  );
  expect(Object.fromEntries(statuses)).toEqual({ "HTTP/1.1 200": 10, "HTTP/1.1 503": CALLERS - 10 });
  expect(mostResidentOf(proxy.pid)).toBeLessThan(GIB);
  for (const socket of sockets) socket.destroy();
});
