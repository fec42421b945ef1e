import { createToken, hashToken } from "@kvplug/proxy";
import * as fc from "fast-check";
import { KEPT_TO_ORIGIN } from "@kvplug/server/routes";
import { expect, test } from "vitest";
import { hostileRequests, sendHostile } from "../support/hostile-requests.ts";
import { listAll } from "../support/namespace.ts";
import { startProxied } from "../support/proxy.ts";

/** What the token may see; all else is a secret. */
const SEEN = ["a:1", "a:2", "a:__proto__", "a:🔑"];
const HIDDEN = ["hidden:1", "hidden", "a", "ab"];

/** Sends so many hostile requests to a proxy, with a token of less than all. */
export function describeHostileRequests(runs: number): void {
  test("whatever is sent, the proxy answers it, and a token for a prefix sees and changes nothing else", async () => {
    const token = createToken();
    await using proxied = await startProxied({
      server: { namespaces: ["main", "other"].map((title) => ({ title, id: title })), account: "account" },
      proxy: {
        tokens: {
          scoped: { sha256: await hashToken(token), access: "read-write", namespaces: ["main"], prefixes: ["a:"] },
        },
        patience: 20_000,
      },
    });
    const { server, proxy } = proxied;
    const [main, other] = [server.kv("main"), server.kv("other")];
    for (const key of SEEN) await main.put(key, "seen");
    for (const kv of [main, other]) {
      for (const key of HIDDEN) await kv.put(key, "a secret", { metadata: "a secret" });
      for (let i = 0; i < 12; i++) await kv.put(`hidden:page:${i}`, "a secret");
    }
    const hiddenNow = async (): Promise<unknown> => {
      const hidden = (await listAll(main)).filter(({ name }) => !name.startsWith("a:"));
      return [hidden, await Promise.all(hidden.map(({ name }) => main.get(name))), await listAll(other)];
    };
    const before = await hiddenNow();
    const pages = [
      await main.list({ limit: 10 }),
      await main.list({ prefix: "hidden:", limit: 3 }),
      await other.list({ limit: 10 }),
    ];
    const inner = pages.map((page) => (page.list_complete ? "" : page.cursor));
    const cursors = [...inner, ...inner.map((cursor) => `a%3A:${cursor}`)];

    const counts = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        hostileRequests({ namespaces: ["main", "other"], keys: [...SEEN, "c", "a"], cursors }),
        async (request) => {
          const answer = await sendHostile(proxy.port, request, "account", { authorization: `Bearer ${token}` });
          const { status, head, body } = answer;
          counts.set(status, (counts.get(status) ?? 0) + 1);
          expect(status).toBeGreaterThanOrEqual(200);
          expect(status).toBeLessThan(500);
          expect(`${head}${body}`).not.toMatch(/a secret|hidden:(1|page)|\bat .*:\d+:\d+|\.ts\b|node:/);
          if (!head.includes("cf-ray")) return;
          for (const [name, value] of Object.entries(KEPT_TO_ORIGIN))
            expect(head.toLowerCase()).toContain(`${name}: ${value}`);
          if (status >= 400) expect(body.length).toBeLessThan(1000);
        },
      ),
      { numRuns: runs },
    );
    for (const status of [200, 400, 403, 404]) expect(counts.get(status), String(status)).toBeGreaterThan(runs / 100);
    expect(await hiddenNow()).toEqual(before);
  });
}
