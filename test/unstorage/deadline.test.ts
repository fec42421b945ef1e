import createDriver, { kvStorage, type KVStorageOptions } from "@kvplug/unstorage";
import { createStorage, type Storage } from "unstorage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useVirtualTime } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { silentKV } from "../support/silent-kv.ts";
import { SilentServer } from "../support/silent-server.ts";

// Nothing is waited for but timers: the server does not answer.
const time = useVirtualTime({ awaited: /^$/ });
let silent: SilentServer;
beforeAll(async () => {
  silent = await SilentServer.start();
});
afterAll(() => silent[Symbol.asyncDispose]());

const overRest = (options: KVStorageOptions): KVStorageOptions => {
  const { baseURL, ...account } = silent.account;
  return { ...account, apiURL: baseURL, ...options };
};

const mounts: Record<string, (options: KVStorageOptions) => KVStorageOptions> = {
  "a silent server": overRest,
  "a silent server behind a cache": (options) => overRest({ cache: { max: 10 }, ...options }),
  "a namespace that takes no deadline": (options) => ({ kv: silentKV(), ...options }),
};

const reads: Record<string, (storage: Storage) => Promise<unknown>> = {
  getItem: (storage) => storage.getItem("a"),
  getItems: (storage) => storage.getItems(["a", "b"]),
  getItemRaw: (storage) => storage.getItemRaw("a"),
  hasItem: (storage) => storage.hasItem("a"),
  getMeta: async (storage) => storage.getMeta("a", { nativeOnly: true }),
};

/** A little later: a namespace that takes no deadline is given up by the driver. */
const atDeadline = (deadline: number): unknown =>
  expect.toSatisfy((took) => took >= deadline && took <= deadline + 200);

describe.each(Object.entries(mounts))("%s", (_name, optionsOf) => {
  it.each(Object.entries(reads))("ends %s after five seconds, or when it is told", async (_call, read) => {
    for (const [options, deadline] of [
      [{}, 5_000],
      [{ deadline: 300 }, 300],
    ] as const) {
      const storage = createStorage({ driver: createDriver(optionsOf(options)) });
      const began = time.now;
      const error = await time.until(errorOf(read(storage)));
      expect(error).toMatchObject({ code: "KV_TIMEOUT" });
      expect(time.now - began).toEqual(atDeadline(deadline));
    }
  });
});

it.each([
  [700, 700],
  [undefined, 300],
])("the deadline of a cache is its own where it has one: %s", async (own: any, deadline) => {
  const driver = createDriver(overRest({ deadline: 300, cache: { max: 10, deadline: own } }));
  const began = time.now;
  await time.until(errorOf(driver.getItem("a")));
  expect(time.now - began).toEqual(atDeadline(deadline));
});

it("a write waits as long as the driver does", async () => {
  const driver = createDriver(overRest({ deadline: 300 }));
  const began = time.now;
  const error = await time.until(errorOf(driver.setItem("a", "1")));
  expect(error.code).toMatch(/^KV_(TIMEOUT|NETWORK)$/);
  expect(time.now - began).toBeGreaterThan(30_000);
});

it("a deadline that is none is refused", () => {
  expect(() => kvStorage({ deadline: 0 })).toThrow("deadline must be a number of milliseconds above 0, not 0.");
});
