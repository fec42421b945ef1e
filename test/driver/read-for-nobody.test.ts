import { createKV } from "@kvplug/core";
import { expect, test } from "vitest";

test("where a value is refused, its metadata that wait for the budget are not asked for any more", async () => {
  const asked: string[] = [];
  const refusing: typeof fetch = async (url) => {
    asked.push((url as string).split("/namespaces/n/")[1]!);
    const errors = [{ code: 10000, message: "Authentication error" }];
    return Response.json({ success: false, errors, messages: [], result: null }, { status: 403 });
  };
  const options = {
    accountId: "a",
    apiToken: "t",
    namespaceId: "n",
    fetch: refusing,
    rateLimit: { requests: 1, window: 200 },
  };
  const kv = createKV(options);
  await expect(kv.getWithMetadata("a", "arrayBuffer")).rejects.toMatchObject({ code: "KV_AUTH" });
  // It goes when the budget allows, and whatever waited before it would have gone first.
  await expect(kv.get("b")).rejects.toMatchObject({ code: "KV_AUTH" });
  await kv.close();
  expect(asked).toEqual(["values/a", "values/b"]);
});
