import { expect, test } from "vitest";
import { useRest } from "../support/rest.ts";

const rest = useRest();

test("200,000 readers of one key are all answered by one request", async () => {
  await rest.server.kv("test").put("a", "1");
  const values = await Promise.all(Array.from({ length: 200_000 }, () => rest.kv.get("a")));
  expect(values.every((value) => value === "1")).toBe(true);
  expect(rest.server.requests.total).toBe(1);
});
