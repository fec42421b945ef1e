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
