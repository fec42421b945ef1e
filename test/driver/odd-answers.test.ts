import type { KV } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { bytesOf } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { envelope, refusal, withAnswers, type Answer } from "../support/scripted-api.ts";
import { VirtualTime } from "../support/virtual-time.ts";

const PAGE: Answer = {
  headers: { "content-type": "text/html" },
  body: "<html><body>Checking your browser</body></html>",
};
const ok = envelope({});

describe("answers that only Cloudflare, or a proxy in front of it, gives", () => {
  test("`success: false` with 200 is a failure", async () => {
    const requests = await withAnswers([refusal(200, 10001)], async (kv) => {
      expect(await errorOf(kv.delete("a"))).toMatchObject({
        code: "KV_API",
        httpStatus: 200,
        errors: [{ code: 10001 }],
      });
    });
    expect(requests).toBe(1);
  });

  test.for([
    ["a page", PAGE],
    ["nothing", { body: "" }],
    ["half of an envelope", { body: '{"success":true,"result":{"val' }],
    ["JSON that is no envelope", { body: '{"ok":true}' }],
  ] as const)("%s with 200 is no success: it is asked again", async ([, answer]) => {
    const found = envelope({ values: { a: "1", b: "2" } });
    const repeated = await withAnswers([answer, answer, found], async (kv) => {
      expect([...(await kv.get(["a", "b"])).values()]).toEqual(["1", "2"]);
    });
    expect(repeated).toBe(3);
    const once = await withAnswers(
      [answer],
      async (kv) => {
        const error = await errorOf(kv.get(["a", "b"]));
        expect(error).toMatchObject({ code: "KV_NETWORK", httpStatus: 200 });
        expect(error.message).not.toContain("browser");
      },
      { retry: false },
    );
    expect(once).toBe(1);
  });

  test("a page in place of a value is none, also of a lone one", async () => {
    const value: Answer = { headers: { "content-type": "application/octet-stream" }, body: "1" };
    expect(await withAnswers([PAGE, value], async (kv) => expect(await kv.get("a")).toBe("1"))).toBe(2);
    const read = async (kv: KV): Promise<void> => {
      expect(await bytesOf((await kv.get("a", "stream"))!)).toEqual(Uint8Array.of(0x31));
    };
    expect(await withAnswers([PAGE, value], read)).toBe(2);
  });

  test("a 404 that does not say that the key is missing is no `null`", async () => {
    for (const answer of [
      refusal(404, 10013),
      refusal(404, 7003),
      { status: 404, body: "" },
      { ...PAGE, status: 404 },
    ]) {
      await withAnswers([answer], async (kv) =>
        expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_NOT_FOUND" }),
      );
    }
    await withAnswers([refusal(404, 10009)], async (kv) => expect(await kv.get("a")).toBeNull());
  });

  test.for([
    ["a proxy's own 429", { ...PAGE, status: 429, headers: { "retry-after": "0" } }],
    ["a date in Retry-After", refusal(429, 10429, { "retry-after": new Date(0).toUTCString() })],
  ] as const)("%s is waited for", async ([, answer]) => {
    using time = new VirtualTime();
    expect(await withAnswers([answer, ok], (kv) => time.until(kv.delete("a")))).toBe(2);
    expect(time.now).toBe(1000);
  });

  // Either of the first two is what the pace of one key looks like.
  test.for<[string, Record<string, string>]>([
    ["without headers", {}],
    ["with requests left", { ratelimit: '"default";r=1000;t=100' }],
    ["with Retry-After", { "retry-after": "0" }],
  ])("the daily limit is not waited for, %s", async ([, headers]) => {
    for (const write of [(kv: KV) => kv.put("a", "1"), (kv: KV) => kv.delete("a")]) {
      const requests = await withAnswers([refusal(429, 10048, headers)], async (kv) => {
        expect(await errorOf(write(kv))).toMatchObject({ code: "KV_RATE_LIMIT", errors: [{ code: 10048 }] });
      });
      expect(requests).toBe(1);
    }
  });

  test("a bulk read that is too much for one answer is split", async () => {
    const answers = [refusal(413, 10012), envelope({ values: { a: "1" } }), envelope({ values: { b: "2" } })];
    const requests = await withAnswers(answers, async (kv) => {
      const found = await kv.get(["a", "b"]);
      expect([...found.keys()]).toEqual(["a", "b"]);
    });
    expect(requests).toBe(3);
  });

  test("a firewall's page is no matter of the token, and is found by its ray", async () => {
    const page = { status: 403, headers: { "content-type": "text/html", "cf-ray": "8f00" }, body: "<html>blocked" };
    const requests = await withAnswers([page], async (kv) => {
      const error = await errorOf(kv.get("a"));
      expect(error).toMatchObject({ code: "KV_API", httpStatus: 403, cfRay: "8f00" });
      expect(error.message).toContain("8f00");
    });
    expect(requests).toBe(1);
  });

  test.each([
    [400, 6003, "KV_AUTH"],
    [403, 10000, "KV_AUTH"],
    [400, 9106, "KV_AUTH"],
    [400, 7003, "KV_NOT_FOUND"],
    [404, 10013, "KV_NOT_FOUND"],
    [400, 10147, "KV_API"],
  ])("%s with code %s is %s, by its code", async (status, code, expected) => {
    const beneath = { code: 6111, message: "Invalid format for Authorization header" };
    const body = { success: false, errors: [{ code, message: "refused", error_chain: [beneath] }], result: null };
    await withAnswers([{ status, body: JSON.stringify(body) }], async (kv) => {
      const error = await errorOf(kv.get("a"));
      expect(error).toMatchObject({ code: expected, httpStatus: status });
      expect(error.message).toContain("Invalid format for Authorization header (6111)");
    });
  });

  test("a key of which a bulk read says nothing is asked for again: it may exist", async () => {
    const answers = [envelope({ values: { a: "1" } }), envelope({ values: { a: "1", b: "2" } })];
    const requests = await withAnswers(answers, async (kv) => {
      expect([...(await kv.get(["a", "b"])).values()]).toEqual(["1", "2"]);
    });
    expect(requests).toBe(2);
  });

  test("keys that a bulk read does not find do not exist, whatever they are called", async () => {
    const values = JSON.parse('{"constructor":null,"__proto__":null,"toString":null}');
    await withAnswers([envelope({ values }), envelope({ values })], async (kv) => {
      expect([...(await kv.get(["constructor", "__proto__", "toString"])).values()]).toEqual([null, null, null]);
      expect(await kv.getWithMetadata("constructor")).toEqual({ value: null, metadata: null, cacheStatus: null });
    });
  });

  test("a page with few names, or none, is not the last while it has a cursor", async () => {
    const answers = [
      envelope([{ name: "a" }], { info: { count: 1, cursor: "one" } }),
      envelope([], { info: { count: 0, cursor: "two" } }),
      envelope([{ name: "b" }], { info: { count: 1, cursor: "" } }),
    ];
    const requests = await withAnswers(answers, async (kv) => {
      expect(await collect(kv.keys())).toEqual([{ name: "a" }, { name: "b" }]);
    });
    expect(requests).toBe(3);
    await withAnswers(answers.slice(1), async (kv) => {
      expect(await kv.list({ limit: 5 })).toEqual({ keys: [], list_complete: false, cursor: "two", cacheStatus: null });
    });
  });

  test("`errors` may be missing, and an answer without `result` is fine where none is needed", async () => {
    await withAnswers([{ status: 400, body: '{"success":false}' }], async (kv) => {
      expect(await errorOf(kv.delete("a"))).toMatchObject({ code: "KV_API", httpStatus: 400, errors: [] });
    });
    expect(await withAnswers([{ body: '{"success":true}' }], (kv) => kv.putMany([{ key: "a", value: "1" }]))).toBe(1);
  });
});
