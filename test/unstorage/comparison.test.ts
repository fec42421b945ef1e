import createDriver from "@kvplug/unstorage";
import { createStorage, type Storage } from "unstorage";
import builtin from "unstorage/drivers/cloudflare-kv-http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALL_BYTES } from "../support/bytes.ts";
import { useStandingClock } from "../support/clock.ts";
import { startRest, TOKEN, type RestSetup } from "../support/rest.ts";

const keys = Array.from({ length: 100 }, (_, i) => `page:${String(i).padStart(3, "0")}`);

/** A program of unstorage's users, step by step. */
const steps: Record<string, (storage: Storage) => unknown> = {
  "setItems of 100": (storage) =>
    storage.setItems(
      keys.map((key) => ({ key, value: { key } })),
      { ttl: 3600 },
    ),
  "getItems of 100": (storage) => storage.getItems(keys),
  "100 getItem at once": (storage) => Promise.all(keys.map((key) => storage.getItem(key))),
  "100 hasItem at once": (storage) => Promise.all(keys.map((key) => storage.hasItem(key))),
  "getItem of what is not there": (storage) => storage.getItem("none"),
  "setItem of text": (storage) => storage.setItem("text", "ünïcode"),
  "getItem of text": (storage) => storage.getItem("text"),
  "setItem with a short ttl": (storage) => storage.setItem("short", 1, { ttl: 5 }),
  "setItemRaw of 256 bytes": (storage) => storage.setItemRaw("raw", ALL_BYTES),
  "getItemRaw of 256 bytes": async (storage) => new Uint8Array((await storage.getItemRaw("raw"))!),
  "getKeys under a base": (storage) => storage.getKeys("page"),
  "getKeys of all": async (storage) => (await storage.getKeys()).toSorted(),
  "removeItem of 100 at once": (storage) => Promise.all(keys.map((key) => storage.removeItem(key))),
  clear: (storage) => storage.clear(),
  "getKeys when all are gone": (storage) => storage.getKeys(),
};

// One of the keys is over after five seconds.
useStandingClock();
const setups: RestSetup[] = [];
beforeAll(async () => {
  setups.push(await startRest(), await startRest());
});
afterAll(() => Promise.all(setups.map((setup) => setup.close())));

function optionsOf({ server }: RestSetup): {
  apiURL: string;
  accountId: string;
  namespaceId: string;
  apiToken: string;
} {
  return {
    apiURL: new URL(server.url).origin,
    accountId: server.account,
    namespaceId: server.namespaces[0]!.id,
    apiToken: TOKEN,
  };
}

test("the built-in cloudflare-kv-http and this driver answer alike, with these requests", async () => {
  const [theirs, ours] = setups as [RestSetup, RestSetup];
  const driver = createDriver({ ...optionsOf(ours), base: "app" });
  const sides = [
    { server: theirs.server, storage: createStorage({ driver: builtin({ ...optionsOf(theirs), base: "app" }) }) },
    { server: ours.server, storage: createStorage({ driver }) },
  ];
  /** Theirs, and ours. */
  const requests: Record<string, string> = {};
  for (const [step, run] of Object.entries(steps)) {
    const answers: unknown[] = [];
    const counts: number[] = [];
    for (const { server, storage } of sides) {
      server.requests.reset();
      answers.push(await run(storage));
      counts.push(server.requests.total);
    }
    requests[step] = counts.join(" : ");
    expect(answers[1], step).toEqual(answers[0]);
  }
  await driver.dispose();
  expect(requests).toMatchInlineSnapshot(`
    {
      "100 getItem at once": "100 : 1",
      "100 hasItem at once": "100 : 1",
      "clear": "2 : 2",
      "getItem of text": "1 : 1",
      "getItem of what is not there": "1 : 1",
      "getItemRaw of 256 bytes": "1 : 2",
      "getItems of 100": "100 : 1",
      "getKeys of all": "1 : 1",
      "getKeys under a base": "1 : 1",
      "getKeys when all are gone": "1 : 1",
      "removeItem of 100 at once": "100 : 1",
      "setItem of text": "1 : 1",
      "setItem with a short ttl": "1 : 1",
      "setItemRaw of 256 bytes": "1 : 1",
      "setItems of 100": "100 : 1",
    }
  `);
});

test("where the built-in one is wrong, this one is not", async () => {
  const [theirs, ours] = setups as [RestSetup, RestSetup];
  const driver = createDriver({ ...optionsOf(ours), namespaceId: "0".repeat(32) });
  const [their, our] = [
    createStorage({ driver: builtin({ ...optionsOf(theirs), namespaceId: "0".repeat(32) }) }),
    createStorage({ driver }),
  ];
  // A namespace that does not exist is no miss.
  expect(await their.getItem("a")).toBeNull();
  await expect(our.getItem("a")).rejects.toMatchObject({ code: "KV_NOT_FOUND" });
  await driver.dispose();
});

test("what the built-in one left is read", async () => {
  const [, ours] = setups as [RestSetup, RestSetup];
  const options = { ...optionsOf(ours), base: "left" };
  const driver = createDriver(options);
  const [their, our] = [createStorage({ driver: builtin(options) }), createStorage({ driver })];

  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  await their.setItem("user:ada", { plan: "free" });
  await their.setItem("note", "a text");
  await their.setItemRaw("bytes", bytes);

  expect(await our.getItem("user:ada")).toEqual({ plan: "free" });
  expect(await our.getItem("note")).toBe("a text");
  expect(await our.getItemRaw("bytes")).toEqual(bytes);
  expect((await our.getKeys()).toSorted()).toEqual(["bytes", "note", "user:ada"]);
  await driver.dispose();
});
