import * as fc from "fast-check";
import { createRoutes, openKV, startServer } from "@kvplug/server";
import type { EmbeddedKV, StoreNamespace } from "@kvplug/server";
import { KEPT_TO_ORIGIN } from "@kvplug/server/routes";
import { expect, test } from "vitest";
import { hostileRequests, sendHostile } from "../../../test/support/hostile-requests.ts";
import type { HostileRequest } from "../../../test/support/hostile-requests.ts";

const KEYS = ["a", "a:1", "__proto__", "🔑", ".hidden"];

/** A run would end with the namespace, and all that follows answer 404. */
const deletesNamespace = ({ method, path }: HostileRequest): boolean =>
  method === "DELETE" && /^\/+main\/*([?#].*)?$/s.test(path);

/** The title that a request asks for. */
function titleIn({ body }: HostileRequest): unknown {
  try {
    return (JSON.parse(body.toString()) as { title?: unknown }).title;
  } catch {
    return undefined;
  }
}

/** Sends so many hostile requests to the server, and to the routes alone. */
export function describeHostileRequests(runs: number): void {
  test("whatever is sent, the server answers it, and touches no namespace but the one that is named", async () => {
    await using server = await startServer({
      namespaces: ["main", "other"].map((title) => ({ title, id: title })),
      account: "account",
    });
    const other = server.kv("other");
    for (const key of KEYS) await other.put(key, "a secret", { metadata: "a secret" });
    for (let i = 0; i < 30; i++) await other.put(`page:${i}`, "");
    const before = await other.list();
    const pages = [await other.list({ limit: 10 }), await other.list({ prefix: "page:", limit: 3 })];
    const cursors = pages.map((page) => (page.list_complete ? "" : page.cursor));

    const counts = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(hostileRequests({ namespaces: ["main"], keys: KEYS, cursors }), async (request) => {
        fc.pre(!deletesNamespace(request));
        const { status, head, body } = await sendHostile(server.port, request, "account");
        counts.set(status, (counts.get(status) ?? 0) + 1);
        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThan(500);
        expect(`${head}${body}`).not.toMatch(/a secret|\bat .*:\d+:\d+|\.ts\b|node:/);
        // A request that is none at all is not answered by the API.
        if (!head.includes("cf-ray")) return;
        for (const [name, value] of Object.entries(KEPT_TO_ORIGIN))
          expect(head.toLowerCase()).toContain(`${name}: ${value}`);
        // What is refused is told in few words.
        if (status >= 400) expect(body.length).toBeLessThan(1000);
        const isTitled =
          status === 200 && ["POST", "PUT"].includes(request.method) && body.includes("supports_url_encoding");
        if (isTitled) expect(JSON.parse(body).result.title).toBe(titleIn(request));
      }),
      { numRuns: runs },
    );

    // Most of all statuses, so that all of this was about something.
    for (const status of [200, 400, 404]) expect(counts.get(status), String(status)).toBeGreaterThan(runs / 50);
    // It was not named in any of them.
    expect(await other.list()).toEqual(before);
    expect(await other.get("a")).toBe("a secret");
    // What was taken for a title is one, on disk as well.
    const url = `${server.url}/accounts/account/storage/kv/namespaces?per_page=1000`;
    const { result } = (await (await fetch(url)).json()) as { result: { title: string }[] };
    expect(result.filter(({ title }) => !title.isWellFormed() || title.includes("\uFFFD"))).toEqual([]);
  });

  test("what is refused has written nothing, and what is asked for costs no more than its keys", async () => {
    await using kv = openKV();
    for (const key of KEYS) await kv.put(key, "v", { metadata: "m" });
    const calls = { reads: 0, writes: 0 };
    const namespaces = {
      list: () => [{ id: "main", title: "main" }],
      get: (id: string) => (id === "main" ? { id, title: id } : undefined),
      create: () => undefined,
      rename: () => undefined,
      delete: () => {},
      open: (id: string) => (id === "main" ? counting(kv, calls) : undefined),
    };
    const app = createRoutes({ namespaces });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(hostileRequests({ namespaces: ["main"], keys: KEYS, cursors: ["x"] }), async (request) => {
        const url = `http://h/client/v4/accounts/a/storage/kv/namespaces${request.path}`;
        fc.pre(URL.canParse(url));
        calls.reads = calls.writes = 0;
        const { status } = await app.request(url, {
          method: request.method,
          headers: request.headers as [string, string][],
          ...(request.body.length > 0 && { body: request.body as Uint8Array<ArrayBuffer> }),
        });
        expect(status).toBeLessThan(500);
        if (status >= 400) {
          refused++;
          expect(calls.writes).toBe(0);
        }
        // Each has at least two quotes in the body; one is in the path.
        const most = 1 + request.body.toString().split('"').length / 2;
        expect(calls.writes).toBeLessThanOrEqual(most);
        expect(calls.reads).toBeLessThanOrEqual(most);
      }),
      { numRuns: runs },
    );
    expect(refused).toBeGreaterThan(runs / 10);
  });
}

/** A namespace as a Worker knows it, which counts its calls. */
function counting(kv: EmbeddedKV, calls: { reads: number; writes: number }): StoreNamespace {
  return {
    get: (keys: any, options?: any): Promise<any> => {
      calls.reads++;
      return kv.get(keys, options);
    },
    getWithMetadata: (keys: any, options?: any): Promise<any> => {
      calls.reads++;
      return kv.getWithMetadata(keys, options);
    },
    list: (options) => {
      calls.reads++;
      return kv.list(options);
    },
    put: async (...given) => {
      calls.writes++;
      await kv.put(...given);
    },
    delete: async (key) => {
      calls.writes++;
      await kv.delete(key);
    },
  };
}
