import { createKV } from "@kvplug/core";
import { expect, test } from "vitest";
import type { ServerOptions } from "@kvplug/server";
import { expectError, resultOf, startApi } from "./api.ts";
import type { Api } from "./api.ts";

test("beyond the rate limit all is refused until the window ends, and headers tell", async () => {
  let now = 1_000_000;
  await using api = await startApi({ rateLimit: { requests: 2, window: 1500 }, now: () => now });
  const limits = async () => {
    const { status, headers } = await api.ask("GET", "/values/k");
    return [status, headers.get("ratelimit"), headers.get("ratelimit-policy"), headers.get("retry-after")];
  };
  const policy = `"default";q=2;w=2`;
  expect(await limits()).toEqual([404, `"default";r=1;t=2`, policy, null]);
  now += 600;
  expect(await limits()).toEqual([404, `"default";r=0;t=1`, policy, null]);
  expect(await limits()).toEqual([429, `"default";r=0;t=1`, policy, "1"]);
  expectError(await api.ask("GET", "/keys"), 429, 971, "Please wait and consider throttling your request speed");
  now += 899;
  expect(await limits()).toEqual([429, `"default";r=0;t=1`, policy, "1"]);
  now += 1;
  expect(await limits()).toEqual([404, `"default";r=1;t=2`, policy, null]);
  expect((await api.ask("GET", "/nope")).headers.get("ratelimit")).toBe(`"default";r=0;t=2`);
  // What is done in the process itself is not counted.
  await api.server.kv("main").put("k", "v");
  expect(api.server.requests.total).toBe(7);
});

test("a key is written once a second, and in bulk it is unsuccessful", async () => {
  let now = 1_000_000;
  await using api = await startApi({ writeLimit: { burst: 1 }, now: () => now });
  resultOf(await api.ask("PUT", "/values/k", "1"));
  expectError(await api.ask("PUT", "/values/k", "2"), 429, 10429, /"k".*1000 ms/);
  expectError(await api.ask("DELETE", "/values/k"), 429, 10429);
  resultOf(await api.ask("PUT", "/values/other", "1"));
  now += 999;
  const bulk = await api.ask("PUT", "/bulk", [
    { key: "k", value: "3" },
    { key: "new", value: "3" },
  ]);
  expect(resultOf(bulk)).toEqual({ successful_key_count: 1, unsuccessful_keys: ["k"] });
  expect(resultOf(await api.ask("POST", "/bulk/delete", ["k"]))).toEqual({
    successful_key_count: 0,
    unsuccessful_keys: ["k"],
  });
  expect(await api.server.kv("main").get(["k", "new"])).toEqual(
    new Map([
      ["k", "1"],
      ["new", "3"],
    ]),
  );
  now += 1;
  resultOf(await api.ask("PUT", "/values/k", "4"));
  expect(await api.server.kv("main").get("k")).toBe("4");
});

test("a write that is refused for another reason does not count", async () => {
  await using api = await startApi({ writeLimit: { burst: 1 }, now: () => 1_000_000 });
  expectError(await api.ask("PUT", "/values/k?expiration_ttl=1", "v"), 400, 10012);
  resultOf(await api.ask("PUT", "/values/k", "v"));
});

test("a burst is allowed to a key that has rested", async () => {
  let now = 1_000_000;
  await using api = await startApi({ writeLimit: { interval: 100, burst: 2 }, now: () => now });
  const put = async () => (await api.ask("PUT", "/values/k", "v")).status;
  expect([await put(), await put(), await put()]).toEqual([200, 200, 429]);
  now += 100;
  expect([await put(), await put()]).toEqual([200, 429]);
  now += 200;
  expect([await put(), await put(), await put()]).toEqual([200, 200, 429]);
});

test("by default it is the pace that the driver keeps: none of its writes is refused", async () => {
  let now = 1_000_000;
  await using api = await startApi({ writeLimit: true, now: () => now });
  await using kv = createKV({
    baseURL: api.server.url,
    accountId: api.server.account,
    namespaceId: "main-id",
    apiToken: "any",
  });
  await kv.put("session", "logged in");
  await kv.put("session", "touched");
  expect(kv.stats()).toMatchObject({ requests: 2, retries: 0 });
  expectError(await api.ask("PUT", "/values/session", "3"), 429, 10429, /once per 1000 ms, and 2 times at once/);
  now += 1000;
  resultOf(await api.ask("PUT", "/values/session", "3"));
});

test("requests take their time", async () => {
  await using api = await startApi({ latency: [30, 40] });
  const start = performance.now();
  await api.ask("GET", "/keys");
  // Timers may fire a millisecond early.
  expect(performance.now() - start).toBeGreaterThanOrEqual(29);
});

/** What becomes of writes of 60 keys, and how many of them were done. */
async function outcomes(options: ServerOptions): Promise<{ seen: string[]; written: number }> {
  await using api = await startApi(options);
  const seen: string[] = [];
  for (let index = 0; index < 60; index++) {
    const outcome = await api.ask("PUT", `/values/k${index}`, "v").then(
      ({ status, body }) => `${status} ${body === undefined ? "html" : "json"}`,
      () => "dropped",
    );
    seen.push(outcome);
  }
  return { seen, written: (await api.server.kv("main").list()).keys.length };
}

test("faults come in their shares, before and after the work, and a seed repeats them", async () => {
  const faults = { errors: 0.25, drops: 0.25, html: 0.25 };
  const { seen, written } = await outcomes({ faults, seed: 7 });
  expect(new Set(seen)).toEqual(
    new Set(["200 json", "500 json", "502 json", "503 json", "502 html", "503 html", "dropped"]),
  );
  const good = seen.filter((outcome) => outcome === "200 json").length;
  expect(good).toBeGreaterThan(5);
  expect(good).toBeLessThan(25);
  expect(written).toBeGreaterThan(good);
  expect(written).toBeLessThan(60);

  expect(await outcomes({ faults, seed: 7, latency: [0, 1] })).toEqual({ seen, written });
  expect((await outcomes({ faults, seed: 8 })).seen).not.toEqual(seen);
  expect(new Set((await outcomes({ faults: { errors: 0 }, seed: 7 })).seen)).toEqual(new Set(["200 json"]));
});

test("dropped connections break before, after and in the midst of the answer", async () => {
  const { seen, written } = await outcomes({ faults: { drops: 1 } });
  expect(new Set(seen)).toEqual(new Set(["dropped"]));
  expect(written).toBeGreaterThan(30);
  expect(written).toBeLessThan(50);

  await using api = await startApi({ faults: { drops: 1 } });
  await api.server.kv("main").put("k", new Uint8Array(100_000));
  const url = `${new URL(api.server.url).origin}${api.path}/values/k`;
  const moments = new Set<string>();
  for (let index = 0; index < 20; index++) {
    const response = await fetch(url).catch(() => undefined);
    if (response === undefined) moments.add("no answer");
    else
      await response.arrayBuffer().then(
        () => moments.add("whole"),
        () => moments.add("half"),
      );
  }
  expect(moments).toEqual(new Set(["no answer", "half"]));
});

test("a share of the keys of bulk requests is unsuccessful, and the rest is done", async () => {
  const run = async (seed: number) => {
    await using api = await startApi({ faults: { unsuccessfulKeys: 0.3 }, seed });
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    const { successful_key_count: count, unsuccessful_keys: failed } = resultOf(
      await api.ask(
        "PUT",
        "/bulk",
        keys.map((key) => ({ key, value: "" })),
      ),
    );
    expect(count + failed.length).toBe(100);
    expect(failed.length).toBeGreaterThan(10);
    expect(failed.length).toBeLessThan(50);
    const there = (await api.server.kv("main").list()).keys.map(({ name }) => name);
    expect(there.toSorted()).toEqual(keys.filter((key) => !failed.includes(key)).toSorted());
    const deleted = resultOf(await api.ask("POST", "/bulk/delete", there));
    expect((await api.server.kv("main").list()).keys).toHaveLength(deleted.unsuccessful_keys.length);
    return failed;
  };
  expect(await run(3)).toEqual(await run(3));
});

/** All the answers that twenty reads give. */
async function readings(read: () => Promise<unknown>): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let index = 0; index < 20; index++) seen.add(JSON.stringify(await read()));
  return seen;
}

function eventualReads(api: Api): Record<string, () => Promise<unknown>> {
  return {
    value: async () =>
      (await api.ask("GET", "/values/k")).body?.errors[0].code ?? (await api.ask("GET", "/values/fixed")).text,
    text: async () => (await api.ask("GET", "/values/k")).text.slice(0, 3),
    metadata: async () => (await api.ask("GET", "/metadata/k")).body.result,
    bulk: async () => resultOf(await api.ask("POST", "/bulk/get", { keys: ["k"] })).values.k,
    list: async () => resultOf(await api.ask("GET", "/keys?prefix=k")),
  };
}

test("for a while after a write, reads and listings may be old: values, misses and deletes", async () => {
  let now = 1_000_000;
  await using api = await startApi({ consistency: { propagation: 5000 }, now: () => now });
  const reads = eventualReads(api);
  const form = new FormData();
  form.set("value", "new");
  form.set("metadata", "1");

  resultOf(await api.ask("PUT", "/values/k", form));
  expect(await readings(reads["bulk"]!)).toEqual(new Set([`"new"`, "null"]));
  expect(await readings(reads["list"]!)).toEqual(new Set([`[{"name":"k","metadata":1}]`, "[]"]));
  now += 5000;
  for (const [name, seen] of [
    ["bulk", `"new"`],
    ["text", `"new"`],
    ["metadata", "1"],
    ["list", `[{"name":"k","metadata":1}]`],
  ] as const) {
    expect(await readings(reads[name]!)).toEqual(new Set([seen]));
  }

  resultOf(await api.ask("PUT", "/bulk", [{ key: "k", value: "two" }]));
  expect(await readings(reads["text"]!)).toEqual(new Set([`"new"`, `"two"`]));
  expect(await readings(reads["metadata"]!)).toEqual(new Set(["1", "null"]));
  resultOf(await api.ask("PUT", "/values/k", "3rd"));
  expect(await readings(reads["text"]!)).toEqual(new Set([`"new"`, `"two"`, `"3rd"`]));
  now += 5000;
  expect(await readings(reads["text"]!)).toEqual(new Set([`"3rd"`]));

  resultOf(await api.ask("DELETE", "/values/k"));
  expect(await readings(reads["bulk"]!)).toEqual(new Set([`"3rd"`, "null"]));
  expect(await readings(reads["list"]!)).toEqual(new Set([`[{"name":"k"}]`, "[]"]));
  expect(await api.server.kv("main").get("k")).toBeNull();
  now += 5000;
  expect(await readings(reads["bulk"]!)).toEqual(new Set(["null"]));
  expect(await readings(reads["list"]!)).toEqual(new Set(["[]"]));
});

test(`"eventual" lasts a minute, and what expired meanwhile is not shown`, async () => {
  let now = 1_000_000_000;
  await using api = await startApi({ consistency: "eventual", now: () => now });
  await api.server.kv("main").put("k", "old", { expirationTtl: 60 });
  now += 30_000;
  resultOf(await api.ask("PUT", "/values/k", "new"));
  const bulk = eventualReads(api)["bulk"]!;
  expect(await readings(bulk)).toEqual(new Set([`"old"`, `"new"`]));
  now += 30_000;
  expect(await readings(bulk)).toEqual(new Set(["null", `"new"`]));
  now += 30_000;
  expect(await readings(bulk)).toEqual(new Set([`"new"`]));
});
