import { KVSessions } from "@kvplug/session";
import { describe, expect, it } from "vitest";
import { standOnGateway } from "../../support/gateway-ground.ts";
import { useGround } from "../../support/ground.ts";
import { listAll } from "../../support/namespace.ts";

const CLOCK = "the key's expiration is by KV's own clock, which does not stand with the test's";

standOnGateway({
  "a cookie of ten seconds: KV is told whole seconds, 60 at least": CLOCK,
  "a cookie of an hour and a bit: KV is told whole seconds, 60 at least": CLOCK,
  "a cookie whose end is no date, but text, is one without an end": CLOCK,
  "a cookie whose end is no date, but a Date, is one without an end": CLOCK,
  "a cookie whose end is no date, but a number, is one without an end": CLOCK,
  "without an end of the cookie, ttl counts, a number or a function of the session": CLOCK,
  "all of them > are told, counted and cleared":
    "1,200 writes are one request to the local server, and more to a gateway: a hundred do below",
});

describe("sessions over a gateway", async () => {
  await import("../../session/kv-sessions.test.ts");
});

describe("many sessions over a gateway", () => {
  const ground = useGround();

  it("are told, counted and cleared", async () => {
    const sessions = new KVSessions(ground.kv);
    const ids = Array.from({ length: 100 }, (_, i) => `id-${100 + i}`);
    await Promise.all(ids.map((id) => sessions.set(id, { user: id })));
    const other = new KVSessions(ground.kv);
    expect(await other.length()).toBe(100);
    expect(await other.ids()).toEqual(ids);
    expect(await Promise.all(ids.map(async (id) => (await other.get(id))?.["user"]))).toEqual(ids);
    await other.clear();
    expect(await listAll(ground.server.kv("test"))).toEqual([]);
    await Promise.all([sessions.close(), other.close()]);
  });
});
