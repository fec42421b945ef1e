import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
/** The Node of the clone, whichever runs the tests. */
const NODE = join(ROOT, "node_modules", "node", "bin", "node");

const run = promisify(execFile);

test("makes a span of each request, failed ones among them, and a counter of each figure", async () => {
  const { stdout, stderr } = await run(NODE, [join(import.meta.dirname, "observability.ts")]);
  expect(stderr).toBe("");

  const counted = Number(/^The server counted (\d+) requests\.$/m.exec(stdout)?.[1]);
  const spans = [...stdout.matchAll(/^ {2}((?:GET|PUT|POST) \S+) +(\d{3}) +(\d+) keys +[\d.]+ ms(.*)$/gm)].map(
    ([, name, status, keys, rest]) => ({ name, status: Number(status), keys: Number(keys), rest }),
  );
  expect(spans).toHaveLength(counted);

  // What was done, whatever had to be sent again.
  const answered = spans.filter(({ status }) => status < 500).map(({ name, keys }) => `${name} of ${keys}`);
  expect(answered.toSorted()).toEqual([
    "GET keys of 1",
    "GET values of 1",
    "POST bulk/delete of 250",
    "POST bulk/get of 1",
    "POST bulk/get of 100",
    "POST bulk/get of 100",
    "POST bulk/get of 50",
    "PUT bulk of 250",
  ]);
  const failed = spans.filter(({ status }) => status >= 500);
  expect(failed.length).toBeGreaterThan(0);
  for (const { rest } of failed) expect(rest).toContain("KV_API");
  const again = spans.filter(({ rest }) => rest!.includes("sent again"));
  expect(again).toHaveLength(failed.length);

  const counters = new Map(
    [...stdout.matchAll(/^ {2}kvplug\.(\w+) +(\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  expect(counters.get("requests")).toBe(counted);
  expect(counters.get("retries")).toBe(failed.length);
  expect(counters.get("read_keys")).toBe(252);
  expect(counters.get("written_keys")).toBe(500);
});
