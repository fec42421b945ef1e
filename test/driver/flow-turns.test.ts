import { FLOW, Flow } from "@kvplug/core/seam";
import { expect, test } from "vitest";
import { HeldFetch } from "../support/held-fetch.ts";
import { startRest } from "../support/rest.ts";

test("a flow that has had the client to itself takes turns with one that comes later", async () => {
  const upstream = new HeldFetch();
  const { kv, close } = await startRest({}, { fetch: upstream.fetch, batch: { maxInFlight: 1 } });
  const [old, young] = [new Flow(1), new Flow(1)];
  const list = (prefix: string, flow: Flow): Promise<unknown> => kv.list(Object.assign({ prefix }, { [FLOW]: flow }));
  const over = new AbortController();
  // Three at a time, so that one of them always waits.
  const lane = async (): Promise<void> => {
    while (!over.signal.aborted) await list("old", old);
  };
  const lanes = [lane(), lane(), lane()];
  while (upstream.sent.length < 100) await list("old", old);

  const before = upstream.sent.length;
  await Promise.all(Array.from({ length: 30 }, () => list("young", young)));
  over.abort();
  await Promise.all(lanes);
  const meanwhile = upstream.sent.slice(before, before + 20).filter((request) => request.includes("prefix=old"));
  expect(meanwhile.length).toBeGreaterThanOrEqual(8);
  await close();
});
