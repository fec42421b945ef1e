import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { hitRatesOf, rowsOf } from "../src/top/figures.ts";
import { Setup } from "./setup.ts";
import { onTerminal } from "./terminal.ts";

/** A program that publishes what it is given. */
async function publish(answer: () => string): Promise<string> {
  const server = createServer((_, response) => response.end(answer())).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stats`;
}

test("top on a terminal: counts, rates and hit rates of a program, until Ctrl-C", async () => {
  await using setup = await Setup.start();
  let reads = 0;
  const url = await publish(() => {
    reads += 100;
    return JSON.stringify({
      kv: { requests: reads, waits: 2 },
      budget: { requests: 1200, window: 300_000, left: 1100, opensIn: 0 },
      cache: { hits: reads, misses: reads / 4, stale: 0 },
    });
  });
  using terminal = await onTerminal(["top", url], setup.env);
  await terminal.showed(/kv\.requests +\d+ +\d+\/s/);
  expect(terminal.shown).toMatch(/budget\.left +1,100/);
  expect(terminal.shown).toMatch(/cache hit rate +80\.0 %/);
  terminal.type("\u0003");
  expect(await terminal.ended).toEqual({ code: 0 });
});

test("top of the server: requests by route; as JSON for programs", async () => {
  await using setup = await Setup.start({ token: "t" });
  const url = new URL("/stats", setup.server.url).href;
  await setup.run("ns list", "", { CLOUDFLARE_API_TOKEN: "t" });
  const [text, json, refused] = await Promise.all([
    setup.run(["top", url, "--token", "t", "--count", "1"]),
    setup.run(["top", url, "--count", "1", "--json", "--token", "t"]),
    setup.run(["top", url], "", { KVPLUG_TOKEN: "t" }),
  ]);
  expect(text.stdout).toMatch(/^requests\.total +1\nrequests\.GET \/ +1\n/);
  expect(JSON.parse(json.stdout)).toEqual({ at: expect.any(String), requests: { total: 1, "GET /": 1 } });
  expect(refused).toMatchObject({ code: 4, stderr: `kvplug: ${url} requires a token: --token.\n` });
});

test("top of what publishes nothing: one line, code 1", async () => {
  await using setup = await Setup.start();
  const text = await publish(() => "no JSON");
  const [none, nobody] = await Promise.all([setup.run(["top", text]), setup.run("top http://127.0.0.1:9/stats")]);
  expect(none).toMatchObject({
    code: 1,
    stderr: `kvplug: ${text} does not return a JSON object. Publish stats() there.\n`,
  });
  expect(nobody.stderr).toMatch(/^kvplug: http:\/\/127\.0\.0\.1:9\/stats cannot be reached: [^\n]+\n$/);
  expect(nobody.code).toBe(1);
});

test("a count that began anew has no rate below zero, and what is no count has none", () => {
  const [now, before] = [
    new Map([
      ["requests", 5],
      ["cache.bytes", 9],
    ]),
    new Map([
      ["requests", 50],
      ["cache.bytes", 1],
    ]),
  ];
  expect(rowsOf(now, before, 2)).toEqual([
    { name: "requests", value: 5, rate: 0 },
    { name: "cache.bytes", value: 9, rate: undefined },
  ]);
  expect(
    hitRatesOf(
      new Map([
        ["hits", 3],
        ["misses", 1],
      ]),
      undefined,
    ),
  ).toEqual(new Map([["cache", 0.75]]));
});
