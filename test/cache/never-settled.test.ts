import { withCache, type CachedKV } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core/seam";
import { openKV } from "@kvplug/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { overlaid } from "../support/overlaid.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let stored: KVNamespace;
let kv: CachedKV;
/** Lets the call that is held settle: a put takes effect by then, and a read has found what was there at first. */
let settle: () => void;
let isHeld: boolean;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  stored = openKV({ now: () => Date.now() });
  const { promise, resolve } = Promise.withResolvers<void>();
  settle = resolve;
  isHeld = true;
  const held = overlaid(stored, {
    put: async (...args: Parameters<KVNamespace["put"]>) => {
      if (isHeld) await promise;
      return stored.put(...args);
    },
    getWithMetadata: async (key: string, type: "text") => {
      const found = await stored.getWithMetadata(key, type);
      if (isHeld) await promise;
      return found;
    },
  });
  kv = withCache(held, { max: 10, ttl: HOUR });
});
afterEach(() => void vi.useRealTimers());

test("a write that does not settle is believed for a minute; then the backend is asked", async () => {
  await stored.put("a", "stored");
  const put = kv.put("a", "written");
  isHeld = false;
  vi.advanceTimersByTime(MINUTE);
  expect(await kv.get("a")).toBe("written");
  vi.advanceTimersByTime(1);
  expect(await kv.get("a")).toBe("stored");
  expect(kv.stats()).toMatchObject({ hits: 1, misses: 1 });
  // In the end it did.
  settle();
  await put;
  expect(await kv.get("a")).toBe("written");
});

test("a copy from before it is not believed again", async () => {
  isHeld = false;
  await kv.put("a", "before");
  isHeld = true;
  const put = kv.put("a", "written");
  isHeld = false;
  await stored.put("a", "theirs");
  vi.advanceTimersByTime(MINUTE + 1);
  expect(await kv.get("a")).toBe("theirs");
  settle();
  await put;
});

test("what a read finds that takes more than a minute is handed out, and not kept", async () => {
  await stored.put("a", "old");
  const read = kv.get("a", { deadline: HOUR });
  await new Promise((resolve) => setImmediate(resolve));
  isHeld = false;
  await stored.put("a", "new");
  vi.advanceTimersByTime(MINUTE + 1);
  settle();
  expect(await read).toBe("old");
  expect(await kv.get("a")).toBe("new");
});
