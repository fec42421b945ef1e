import { expect, test } from "vitest";
import type { KVError } from "@kvplug/core";
import { expectError, resultOf, startApi } from "./api.ts";

test("faults are replaced while the server runs, and what is left out is none", async () => {
  await using api = await startApi({ rateLimit: { requests: 1, window: 60_000 } });
  expect((await api.ask("GET", "/keys")).status).toBe(200);
  expect((await api.ask("GET", "/keys")).status).toBe(429);
  api.server.inject({ faults: { errors: 1 } });
  expect((await api.ask("GET", "/keys")).status).toBeGreaterThanOrEqual(500);
  api.server.inject({ faults: { unsuccessfulKeys: 1 } });
  expect(resultOf(await api.ask("PUT", "/bulk", [{ key: "a", value: "1" }]))).toEqual({
    successful_key_count: 0,
    unsuccessful_keys: ["a"],
  });
  // What they count begins anew.
  api.server.inject({ rateLimit: { requests: 1, window: 60_000 } });
  expect((await api.ask("GET", "/keys")).status).toBe(200);
  expect((await api.ask("GET", "/keys")).status).toBe(429);
  api.server.inject({});
  const { status, headers } = await api.ask("GET", "/keys");
  expect([status, headers.get("ratelimit")]).toEqual([200, null]);
});

test("faults that are wrong are refused, and those that are injected stay", async () => {
  await using api = await startApi({ faults: { errors: 1 } });
  const refusal = (options: object): Partial<KVError> => {
    try {
      api.server.inject(options);
    } catch (error) {
      return error as KVError;
    }
    return {};
  };
  expect(refusal({ faults: { errors: 2 } })).toMatchObject({
    code: "KV_INVALID",
    message: expect.stringContaining("faults.errors"),
  });
  expect(refusal({ port: 1 })).toMatchObject({ code: "KV_INVALID", message: expect.stringContaining("port") });
  expect((await api.ask("GET", "/keys")).status).toBeGreaterThanOrEqual(500);
});

test("what is served beside the API sees each request first, is not counted, and no fault befalls it", async () => {
  const seen: string[] = [];
  await using api = await startApi({
    faults: { errors: 1 },
    beside: async (c, next) => {
      seen.push(c.req.path);
      if (c.req.path === "/page") return c.text("a page");
      return next();
    },
  });
  const origin = new URL(api.server.url).origin;
  expect(await (await fetch(`${origin}/page`)).text()).toBe("a page");
  expect(api.server.requests.total).toBe(0);
  expect((await api.ask("GET", "/keys")).status).toBeGreaterThanOrEqual(500);
  expect(seen).toEqual(["/page", `${api.path}/keys`]);
});

test("a session stands for the token, and for no page of another origin", async () => {
  await using api = await startApi({ token: "secret", session: (c) => c.req.header("x-session") === "mine" });
  expectError(await api.ask("GET", "/keys", undefined, { "x-session": "theirs" }), 403, 10000);
  resultOf(await api.ask("GET", "/keys", undefined, { "x-session": "mine" }));
  const foreign = { "x-session": "mine", "sec-fetch-site": "same-site" };
  expectError(await api.ask("GET", "/keys", undefined, foreign), 403, 10000);
});
