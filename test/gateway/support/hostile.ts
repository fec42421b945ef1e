import * as fc from "fast-check";
import { KEPT_TO_ORIGIN } from "@kvplug/server/routes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, startGateway, type RunningGateway } from "../../support/gateway.ts";
import {
  hostileRequests,
  sendHostile,
  type HostileAnswer,
  type HostileRequest,
} from "../../support/hostile-requests.ts";
import { listAll } from "../../support/namespace.ts";

/** What the token for prefixes may see; all else is a secret. */
const SEEN = ["a:1", "a:2", "a:__proto__", "a:🔑"];
const HIDDEN = ["hidden:1", "hidden:2", "hidden", "a", "ab"];

let gateway: RunningGateway;
let cursors: string[];

async function hiddenNow(): Promise<unknown> {
  const [main, other] = [await gateway.bound("MAIN"), await gateway.bound("OTHER")];
  const hidden = (await listAll(main)).filter(({ name }) => !name.startsWith("a:"));
  const values = await Promise.all(hidden.map(({ name }) => main.get(name)));
  return { hidden, values, other: await listAll(other) };
}

/** What holds of any answer. */
function check({ status, head, body }: HostileAnswer): void {
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
  expect(`${head}${body}`).not.toMatch(/a secret|hidden:(1|2|page)|\bat .*:\d+:\d+|\.ts\b/);
  if (!head.toLowerCase().includes("cf-ray")) return;
  for (const [name, value] of Object.entries(KEPT_TO_ORIGIN)) expect(head.toLowerCase()).toContain(`${name}: ${value}`);
  if (status >= 400) expect(body.length).toBeLessThan(1000);
}

async function ask(token: string, request: HostileRequest): Promise<HostileAnswer> {
  const port = Number(new URL(gateway.url).port);
  return sendHostile(port, request, ACCOUNT, { authorization: `Bearer ${gateway.tokens[token]}` });
}

/** Sends so many hostile requests to a gateway, with tokens of less than all. */
export function describeHostileRequests(runs: number): void {
  beforeAll(async () => {
    gateway = await startGateway({
      gateway: { namespaces: { MAIN: { id: "main-id", title: "main" }, OTHER: { id: "other-id", title: "other" } } },
      tokens: {
        scoped: { access: "read-write", namespaces: ["main"], prefixes: ["a:"] },
        reader: { access: "read", namespaces: ["main"] },
      },
    });
    const [main, other] = [await gateway.bound("MAIN"), await gateway.bound("OTHER")];
    for (const key of SEEN) await main.put(key, "seen");
    for (const key of HIDDEN) await main.put(key, "a secret", { metadata: "a secret" });
    for (let i = 0; i < 12; i++) for (const kv of [main, other]) await kv.put(`hidden:page:${i}`, "a secret");
    const pages = ["/main/keys?limit=10", "/main/keys?limit=10&prefix=hidden:", "/other/keys?limit=10"];
    const answers = await Promise.all(pages.map((path) => gateway.ask("GET", path)));
    const outer = answers.map(({ body }) => body.result_info.cursor as string);
    // KV's own, as they are within ours, and as if they were the scope's.
    const inner = outer.map((cursor) => cursor.slice(cursor.indexOf(":") + 1));
    cursors = [...outer, ...inner, ...inner.map((cursor) => `a%3A:${cursor}`)];
  });
  afterAll(() => gateway.close());

  test("whatever is sent, a token for a prefix sees and changes nothing else", async () => {
    const before = await hiddenNow();
    const surroundings = { namespaces: ["main", "main-id", "other", "other-id"], keys: [...SEEN, "c", "a"], cursors };
    const counts = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(hostileRequests(surroundings), async (request) => {
        const answer = await ask("scoped", request);
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
        check(answer);
      }),
      { numRuns: runs },
    );
    for (const status of [200, 400, 403, 404]) expect(counts.get(status), String(status)).toBeGreaterThan(runs / 100);
    expect(await hiddenNow()).toEqual(before);
  });

  test("whatever is sent, a token that may read changes nothing", async () => {
    const main = await gateway.bound("MAIN");
    const before = [await listAll(main), await hiddenNow()];
    const surroundings = { namespaces: ["main"], keys: SEEN, cursors: cursors.slice(2) };
    await fc.assert(
      fc.asyncProperty(hostileRequests(surroundings), async (request) => {
        const { status } = await ask("reader", request);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: runs / 2 },
    );
    expect([await listAll(main), await hiddenNow()]).toEqual(before);
  });
}
