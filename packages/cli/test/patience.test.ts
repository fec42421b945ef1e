import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { BULK_WRITE, fill, recordsIn, recordsOf, Setup } from "./setup.ts";

/** Counts how many requests servers of this process answer at once, at most. */
class AtOnce implements Disposable {
  most = 0;
  #now = 0;
  readonly #began = (): void => {
    this.most = Math.max(this.most, ++this.#now);
  };
  readonly #over = (): void => void this.#now--;

  constructor() {
    subscribe("http.server.request.start", this.#began);
    subscribe("http.server.response.finish", this.#over);
  }

  [Symbol.dispose](): void {
    unsubscribe("http.server.request.start", this.#began);
    unsubscribe("http.server.response.finish", this.#over);
  }
}

test("--concurrency 1: one request after the other", async () => {
  await using setup = await Setup.start({ latency: [5, 10] });
  const records = await fill(setup, 1300);
  const file = await setup.write("in.ndjson", recordsOf(20_001));
  using atOnce = new AtOnce();
  for (const args of [
    ["export", "-n", "one", "-o", setup.path("out.ndjson")],
    ["copy", "one", "two"],
    ["diff", "one", "two"],
    ["import", file, "-n", "two"],
  ]) {
    expect(await setup.run([...args, "--concurrency", "1"])).toMatchObject({ code: 0 });
    expect([atOnce.most, args]).toEqual([1, args]);
  }
  expect(await setup.read("out.ndjson")).toBe(records);
});

test("--concurrency 5: as many at once as there are", async () => {
  await using setup = await Setup.start();
  const relay = await setup.relay(BULK_WRITE);
  const records = recordsOf(50_000);
  const file = await setup.write("in.ndjson", records);
  relay.keep(() => true);
  await using command = setup.start(["import", file, "-n", "one", "--concurrency", "5"]);
  await relay.keeping(5);
  relay.release();
  expect(await command.ended).toMatchObject({ code: 0 });
  expect(await recordsIn(setup.one)).toBe(records);
});

test("--timeout: a request on which nothing moves is given up, and made again", async () => {
  await using setup = await Setup.start();
  await fill(setup, 1);
  const relay = await setup.relay();
  // By the default timeout the deadline passes while the second one is waited for.
  relay.keep((nth) => nth <= 3);
  expect(await setup.run("export -n one --timeout 1")).toMatchObject({ code: 0, stdout: recordsOf(1) });
  expect(await setup.run("export -n one --timeout 0s")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("It must be a time above 0."),
  });
});
