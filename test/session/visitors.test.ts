import { KVSessions } from "@kvplug/session";
import { openKV } from "@kvplug/server";
import { describe, expect, it } from "vitest";
import { allOf, errorOf } from "../support/errors.ts";
import { ACCOUNT_ID, NAMESPACE_ID, REFUSALS, refusedKV } from "../support/refusing-api.ts";
import { ID, PLAIN_APPS } from "./apps/plain.ts";

describe.each(PLAIN_APPS)("what $name answers", ({ cookie, start }) => {
  it("knows the session of the cookie", async () => {
    await using kv = openKV();
    const end = new Date(Date.now() + 60_000).toISOString();
    const session = { user: "ada", session: { user: "ada" }, cookie: { originalMaxAge: 60_000, expires: end } };
    await kv.put(`sess:${ID}`, JSON.stringify(session));
    const app = await start(kv);
    const response = await fetch(app.url, { headers: { cookie } });
    expect(await response.json()).toEqual({ user: "ada" });
    await app.close();
  });

  it.each(REFUSALS)("where KV refuses %s with %i and %i: 500, and no id", async (_, status, code) => {
    await using kv = refusedKV(status, code);
    const app = await start(kv);
    // What a promise rejects with that nobody may look at is told as well.
    app.store.on("error", () => undefined);
    for (const path of ["/", "/destroy"]) {
      const response = await fetch(app.url + path, { headers: { cookie: path === "/" ? cookie : "" } });
      expect(response.status).toBe(500);
      const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
      const shown = `${response.statusText} ${JSON.stringify(headers)} ${await response.text()}`;
      for (const id of [ACCOUNT_ID, NAMESPACE_ID, ID]) expect(shown).not.toContain(id);
    }
    await app.close();
  });
});

describe("what the store fails with", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;

  it.each<[string, (sessions: KVSessions) => Promise<unknown>, object]>([
    ["a read", (sessions) => sessions.get(ID), { code: "KV_AUTH", httpStatus: 403 }],
    ["a write", (sessions) => sessions.set(ID, { n: 1 }), { code: "KV_AUTH", httpStatus: 403 }],
    ["a touch", (sessions) => sessions.touch(ID, {}), { code: "KV_AUTH", httpStatus: 403 }],
    ["a destroy", (sessions) => sessions.destroy(ID), { code: "KV_AUTH", httpStatus: 403 }],
    ["a session with a cycle", (sessions) => sessions.set(ID, cycle), { code: "KV_INVALID" }],
    ["an id too long", (sessions) => sessions.set(ID.repeat(20), {}), { code: "KV_LIMIT", limit: 512, actual: 645 }],
    ["half a character", (sessions) => sessions.set(`${ID}\uD800`, {}), { code: "KV_INVALID" }],
  ])("of %s names no session, and its cause does", async (_, call, expected) => {
    await using kv = refusedKV(403, 10_000);
    await using sessions = new KVSessions(kv);
    const error = await errorOf(call(sessions));
    expect(error).toMatchObject(expected);
    expect(error.key).toBeUndefined();
    expect(error.path).toBeUndefined();
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(ID);
    expect(allOf(error.cause)).toContain(ID);
  });

  it("tells what the API said without names and ids", async () => {
    const beneath = [{ code: 2, message: `accounts/${ACCOUNT_ID}/storage/kv/namespaces/${NAMESPACE_ID}/sess%3A${ID}` }];
    const errors = [{ code: 1, message: `no "sess:${ID}" in ${NAMESPACE_ID}`, error_chain: beneath }];
    await using kv = refusedKV(400, 1, {
      fetch: async () => Response.json({ success: false, errors }, { status: 400 }),
    });
    await using sessions = new KVSessions(kv);
    const error = await errorOf(sessions.get(ID));
    const chain = [{ code: 2, message: "accounts/…/storage/kv/namespaces/…/…" }];
    expect(error.errors).toEqual([{ code: 1, message: "no … in …", error_chain: chain }]);
    for (const id of [ACCOUNT_ID, NAMESPACE_ID, ID]) expect(JSON.stringify(error) + error.message).not.toContain(id);
    expect(allOf(error.cause)).toContain(ID);
  });

  it("is a KVError without a status, whatever the namespace throws", async () => {
    const kv = openKV();
    kv.get = kv.getWithMetadata = () => Promise.reject(Object.assign(new Error(`no sess:${ID}`), { status: 404 }));
    await using sessions = new KVSessions(kv, { cache: false });
    const error = await errorOf(sessions.get(ID));
    expect(error).toMatchObject({ code: "KV_API", message: "The namespace failed: no …" });
    expect(error).not.toHaveProperty("status");
    await kv.close();
  });
});
