import { openKV, type EmbeddedKV } from "@kvplug/server";
import { KVSessions } from "@kvplug/session";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { anyRecord } from "./any-record.ts";
import type { App } from "./apps/app.ts";
import { ID, PLAIN_APPS } from "./apps/plain.ts";

const NAME = `sess:${ID}`;
const LATER = "2999-01-01T00:00:00.000Z";

/** Records of which no framework can make a session, or none that can be answered with. */
const MISSHAPEN: readonly string[] = [
  "",
  "{",
  "null",
  "1",
  '"text"',
  "[]",
  '[{"cookie":{}}]',
  '{"__proto__":{},"cookie":{},"session":{}}',
  '{"__proto__":null,"cookie":{},"session":{}}',
  '{"cookie":"text","session":{}}',
  '{"cookie":[],"session":{}}',
  '{"cookie":{"__proto__":{}},"session":{}}',
  ...[
    '"domain":{}',
    '"domain":"a;b"',
    '"path":5',
    '"path":"/\\n"',
    '"sameSite":"sometimes"',
    '"sameSite":7',
    '"expires":{}',
    '"expires":["2999"]',
    '"expires":"soon"',
    '"originalMaxAge":"x"',
    '"originalMaxAge":1e300',
    '"maxAge":{}',
    '"httpOnly":{}',
    '"secure":"maybe"',
  ].map((attribute) => `{"cookie":{"expires":"${LATER}",${attribute}},"session":{}}`),
  // As deep as no framework can compare.
  `{"cookie":{},"session":{"a":${"[".repeat(5000)}${"]".repeat(5000)}}}`,
];

/** Tests records that are no sessions: those above, and so many random ones for each framework. */
export function describeMisshapen(numRuns: number): void {
  describe.each(PLAIN_APPS)("$name", ({ cookie, start }) => {
    let kv: EmbeddedKV;
    let app: Awaited<ReturnType<typeof start>>;
    let told: Error[];

    beforeEach(async () => {
      kv = openKV();
      told = [];
      app = await start(kv);
      app.store.on("error", (error) => told.push(error));
    });

    afterEach(async () => {
      await app.close();
      await kv.close();
    });

    const get = (path: string, at: App = app): Promise<Response> =>
      fetch(at.url + path, { headers: { cookie }, signal: AbortSignal.timeout(60_000) });

    it.each(MISSHAPEN)("%s is no session, and told once", async (record) => {
      await kv.put(NAME, record);
      for (let i = 0; i < 3; i++) {
        const response = await get("/count");
        expect([response.status, await response.text()]).toEqual([200, "{}"]);
      }
      expect(told).toMatchObject([{ code: "KV_VALUE", key: NAME }]);
      // It is another's to delete.
      expect(await kv.get(NAME)).toBe(record);
    });

    it("whatever a record holds, each request is answered", async () => {
      await fc.assert(
        fc.asyncProperty(anyRecord, async (record) => {
          // A store of its own, since this one has its window.
          await kv.put(NAME, record);
          const other = await start(kv);
          other.store.on("error", () => undefined);
          try {
            for (const path of ["/", "/count"]) {
              const response = await get(path, other);
              await response.text();
              expect(response.status).toBe(200);
            }
          } finally {
            await other.close();
          }
        }),
        { numRuns },
      );
    });
  });

  it("a new record that is no session is reported again", async () => {
    await using kv = openKV();
    await using sessions = new KVSessions(kv, { cache: false });
    const told: Error[] = [];
    sessions.on("error", (error) => told.push(error));
    for (const record of ["{", "{", "[]", "[]", "{"]) {
      await kv.put(NAME, record);
      expect(await sessions.get(ID)).toBeNull();
    }
    expect(told).toHaveLength(3);
  });

  it("all sessions are those that can be read", async () => {
    await using kv = openKV();
    await using sessions = new KVSessions(kv);
    sessions.on("error", () => undefined);
    await sessions.set("good", { n: 1 });
    await kv.put(NAME, '{"__proto__":{}}');
    expect(await sessions.all()).toEqual([{ id: "good", session: { n: 1 } }]);
  });

  it("what could not be read again is not written", async () => {
    await using kv = openKV();
    await using sessions = new KVSessions(kv);
    const deep = JSON.parse(`{"a":${"[".repeat(1500)}${"]".repeat(1500)}}`);
    await expect(sessions.set(ID, deep)).rejects.toThrow("nests deeper than 1000 levels");
    await expect(sessions.set(ID, JSON.parse('{"__proto__":{}}'))).rejects.toThrow('"__proto__"');
    expect(await kv.get(NAME)).toBeNull();
  });
}
