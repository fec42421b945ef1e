import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { KillableProxy } from "../support/killable-proxy.ts";
import { askURL } from "../support/proxy.ts";
import { accountOf, TOKEN } from "../support/rest.ts";
import { StoppableServer } from "../support/stoppable-server.ts";
import { createProxy } from "@kvplug/proxy";

test("what a proxy has acknowledged is upstream when it is killed with writes under way", async () => {
  await using server = await startServer({ token: TOKEN, namespaces: ["test"], latency: [1, 20], seed: 3 });
  await using proxy = await KillableProxy.start({ upstream: { ...accountOf(server), writeInterval: 0 } });
  const namespace = `${proxy.url}/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}`;
  const acknowledged: string[] = [];
  let failed = 0;
  const loop = async (name: string): Promise<void> => {
    for (let i = 0; ; i++) {
      const key = `${name}:${i}`;
      try {
        const { status } = await askURL(`${namespace}/values/${key}`, "PUT", { body: key });
        expect(status).toBe(200);
        acknowledged.push(key);
      } catch {
        failed++;
        return;
      }
    }
  };
  const loops = Array.from({ length: 8 }, (_, i) => loop(String(i)));
  await eventually(() => expect(acknowledged.length).toBeGreaterThan(40));
  await proxy.kill();
  await Promise.all(loops);
  expect(failed).toBe(8);
  const kv = server.kv("test");
  for (const key of acknowledged) expect(await kv.get(key)).toBe(key);
});

test("callers wait out an outage of upstream, each as long as it likes", async () => {
  await using server = await StoppableServer.start({ token: TOKEN, namespaces: [{ title: "test", id: "test" }] });
  await using proxy = await createProxy({
    upstream: { baseURL: server.url, accountId: "local", apiToken: TOKEN, retry: { maxDelay: 100 } },
    patience: 60_000,
  });
  const values = `${proxy.url}/accounts/local/storage/kv/namespaces/test/values`;
  expect((await askURL(`${values}/before`, "PUT", { body: "1" })).status).toBe(200);
  await server.stop();
  const waiting = [
    ...Array.from({ length: 50 }, (_, i) => askURL(`${values}/${i}`, "PUT", { body: String(i) })),
    askURL(`${values}/before`),
  ];
  const hasty = await askURL(`${values}/before`, "GET", { headers: { prefer: "wait=1" } });
  expect(hasty.status).toBe(504);
  await server.startAgain();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(51).fill(200));
  expect((await askURL(`${values}/49`)).text).toBe("49");
});
