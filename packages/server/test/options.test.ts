import { expect, test } from "vitest";
import { openKV, startServer } from "@kvplug/server";

test.for<[object, string]>([
  [{ prot: 1 }, 'no option "prot"'],
  [{ port: -1 }, "port must be a port from 0 to 65535, not -1"],
  [{ port: 65_536 }, "port"],
  [{ port: 1.5 }, "port"],
  [{ port: "8787" }, "port"],
  [{ host: "" }, "host"],
  [{ data: "" }, "data"],
  [{ data: 7 }, "data"],
  [{ data: import.meta.filename }, "data"],
  [{ data: import.meta.dirname }, "data"],
  [{ token: "" }, "token"],
  [{ account: "a/b" }, "account"],
  [{ namespaces: "a" }, "namespaces must be an array"],
  [{ namespaces: [7] }, "namespaces[0]"],
  [{ namespaces: [{ titel: "a" }] }, 'namespaces[0] has no option "titel"'],
  [{ namespaces: ["", "a"] }, "namespaces[0].title"],
  [{ namespaces: ["t".repeat(513)] }, "512"],
  [{ namespaces: ["t\uD800"] }, "namespaces[0].title must be a title without lone surrogates"],
  [{ namespaces: [{ title: "a", id: "x/y" }] }, "namespaces[0].id"],
  [
    {
      namespaces: [
        { title: "a", id: "1" },
        { title: "a", id: "2" },
      ],
    },
    'namespaces: "a" with the id 2',
  ],
  [
    {
      namespaces: [
        { title: "a", id: "1" },
        { title: "b", id: "1" },
      ],
    },
    'namespaces: "b" with the id 1',
  ],
  [{ now: 7 }, "now"],
  [{ latency: -1 }, "latency"],
  [{ latency: Number.NaN }, "latency"],
  [{ latency: [5, 1] }, "latency"],
  [{ latency: [1] }, "latency"],
  [{ latency: "5" }, "latency"],
  [{ rateLimit: 7 }, "rateLimit"],
  [{ rateLimit: { requests: 0, window: 1 } }, "rateLimit.requests"],
  [{ rateLimit: { requests: 1, window: 0 } }, "rateLimit.window"],
  [{ rateLimit: { requests: 1, windows: 9 } }, 'rateLimit has no option "windows"'],
  [{ writeLimit: "yes" }, "writeLimit"],
  [{ writeLimit: { interval: -1 } }, "writeLimit.interval"],
  [{ writeLimit: { burst: 0 } }, "writeLimit.burst"],
  [{ faults: { error: 0.1 } }, 'faults has no option "error"'],
  [{ faults: { errors: 1.1 } }, "faults.errors must be a share from 0 to 1, not 1.1"],
  [{ faults: { drops: -0.1 } }, "faults.drops"],
  [{ faults: { html: "1" } }, "faults.html"],
  [{ faults: { unsuccessfulKeys: 2 } }, "faults.unsuccessfulKeys"],
  [{ faults: { errors: 0.6, drops: 0.6 } }, "add up to at most 1"],
  [{ consistency: "strong" }, "consistency"],
  [{ consistency: { propagation: -1 } }, "consistency.propagation"],
  [{ consistency: {} }, "consistency.propagation"],
  [{ seed: 1.5 }, "seed"],
])("startServer(%o) is refused", async ([options, message]) => {
  await expect(startServer(options)).rejects.toMatchObject({
    code: expect.stringMatching("KV_INVALID"),
    message: expect.stringContaining(message),
  });
});

test("a token is never shown", async () => {
  const token = ["secret"] as unknown as string;
  await expect(startServer({ token })).rejects.toMatchObject({ message: expect.not.stringContaining("secret") });
});

test("a port that is taken is an error", async () => {
  await using server = await startServer();
  await expect(startServer({ port: server.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("openKV refuses options that are wrong", () => {
  for (const options of [{ date: "x" }, { data: "" }, { namespace: "" }, { now: 1 }, { data: import.meta.filename }]) {
    expect(() => openKV(options as object)).toThrow(expect.objectContaining({ code: "KV_INVALID" }));
  }
});
