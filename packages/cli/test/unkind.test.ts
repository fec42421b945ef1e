import { expect, test } from "vitest";
import { useStandingClock } from "../../../test/support/clock.ts";
import { serve, type Served } from "./command.ts";

const put = (served: Served, key: string): Promise<Response> =>
  fetch(served.at(`/values/${key}`), { method: "PUT", body: "v" });

/** The status of an answer that arrived as a whole. */
async function statusOf(served: Served): Promise<number> {
  const response = await fetch(served.at("/keys"));
  await response.arrayBuffer();
  return response.status;
}

/** The status of this many requests, one after the other; 0 where the connection broke. */
async function statuses(served: Served, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) {
    seen.push(await statusOf(served).catch(() => 0));
  }
  return seen;
}

// Windows do not pass by themselves, however slow the machine is.
useStandingClock();

test("--latency delays each request", async () => {
  await using served = await serve(["--latency", "150-200"]);
  // The other clocks stand.
  const start = process.hrtime.bigint();
  await fetch(served.at("/keys"));
  // A timer may fire a millisecond early.
  expect(Number(process.hrtime.bigint() - start) / 1e6).toBeGreaterThan(148);
});

test("--rate-limit answers 429 beyond it", async () => {
  await using served = await serve(["--rate-limit", "2/300"]);
  expect(await statuses(served, 2)).toEqual([200, 200]);
  const { headers, status } = await fetch(served.at("/keys"));
  expect(status).toBe(429);
  expect(headers.get("ratelimit-policy")).toBe('"default";q=2;w=300');
  expect(headers.get("retry-after")).toBe("300");
});

test("--write-limit answers 429 to a key's third write within a second", async () => {
  await using served = await serve(["--write-limit"]);
  const answers = await Promise.all([put(served, "k"), put(served, "k"), put(served, "k"), put(served, "other")]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
  expect(answers[3].status).toBe(200);
});

test("--faults fails the shares that it names", async () => {
  await using served = await serve(["--faults", "errors=0.3,drops=.3", "--faults", "html=0.4", "--seed", "7"]);
  const seen = await statuses(served, 30);
  expect(seen).toContain(0);
  expect(seen).toContain(502);
  expect(seen).not.toContain(200);
});

test("--faults unsuccessful-keys fails keys of bulk writes, and nothing else", async () => {
  await using served = await serve(["--faults", "unsuccessful-keys=1"]);
  const response = await fetch(served.at("/bulk"), { method: "PUT", body: JSON.stringify([{ key: "k", value: "v" }]) });
  expect(await response.json()).toMatchObject({ result: { successful_key_count: 0, unsuccessful_keys: ["k"] } });
  expect(await statuses(served, 3)).toEqual([200, 200, 200]);
});

test("--eventual lets reads see what was there before", async () => {
  await using served = await serve(["--eventual", "60000", "--seed", "7"]);
  await put(served, "k");
  const seen: number[] = [];
  for (let i = 0; i < 30; i++) seen.push((await fetch(served.at("/values/k"))).status);
  expect(new Set(seen)).toEqual(new Set([200, 404]));
});

test("--seed repeats the choices", async () => {
  const fates = async (seed: string): Promise<number[]> => {
    await using served = await serve(["--faults", "errors=0.5", "--seed", seed]);
    return await statuses(served, 30);
  };
  const [first, again, other] = await Promise.all([fates("7"), fates("7"), fates("8")]);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
