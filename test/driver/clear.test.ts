import { KVBulkError } from "@kvplug/core";
import { expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { refusal } from "../support/wire.ts";
import { useWiredRest } from "../support/wired-rest.ts";

const rest = useWiredRest();

async function names(): Promise<string[]> {
  return (await listAll(rest.server.kv("test"))).map(({ name }) => name);
}

test.each([
  ["once", 1],
  ["each time", Number.POSITIVE_INFINITY],
])("clear() beside a delete that the API refuses %s deletes all others", async (_, times) => {
  await rest.kv.putMany(["a", "b", "stays", "z"].map((key) => ({ key, value: "1" })));
  let refused = 0;
  rest.wire.instead = ({ method, route, body }) => {
    const isAbout =
      (method === "DELETE" && route === "values/stays") || (route === "bulk/delete" && body?.includes("stays"));
    return isAbout && refused++ < times ? refusal() : undefined;
  };
  rest.wire.hold();
  const deleted = errorOf(rest.kv.delete("stays"));
  await rest.sent(2);
  const cleared = rest.kv.clear().catch((error: unknown) => error);
  rest.wire.release();
  expect(await deleted).toMatchObject({ key: "stays" });
  if (times === 1) {
    expect(await cleared).toBe(3);
    expect(await names()).toEqual([]);
    return;
  }
  expect(await cleared).toBeInstanceOf(KVBulkError);
  expect(await cleared).toMatchObject({
    code: "KV_BULK",
    keys: ["stays"],
    message: expect.stringMatching(/^clear could not delete 1 key, and all others are deleted\. The first failure: /),
  });
  expect(await names()).toEqual(["stays"]);
});
