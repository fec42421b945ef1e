import { describe, expect, test } from "vitest";
import { listAll } from "../support/namespace.ts";
import { useRest } from "../support/rest.ts";

const PUT = "PUT /:namespace/bulk";
const DELETE = "POST /:namespace/bulk/delete";

const nameOf = (i: number): string => `key/${String(i).padStart(5, "0")}`;

describe("bulk writes and deletes of the driver", () => {
  const rest = useRest();

  const inStore = async (): Promise<string[]> => (await listAll(rest.server.kv("test"))).map(({ name }) => name);

  test("25,000 pairs and 25,000 keys cost three requests each", async () => {
    const pairs = Array.from({ length: 25_000 }, (_, i) => ({ key: nameOf(i), value: `value ${i}` }));
    await rest.kv.putMany(pairs);
    expect(rest.server.requests.byRoute).toEqual({ [PUT]: 3 });
    expect(await inStore()).toEqual(pairs.map(({ key }) => key));
    expect(await rest.kv.get(nameOf(24_999))).toBe("value 24999");

    rest.server.requests.reset();
    await rest.kv.deleteMany(pairs.map(({ key }) => key));
    expect(rest.server.requests.byRoute).toEqual({ [DELETE]: 3 });
    expect(await inStore()).toEqual([]);
  });

  test("a request ends at 100 MB as well", async () => {
    const value = "x".repeat(24 * 1024 * 1024);
    const pairs = Array.from({ length: 5 }, (_, i) => ({ key: nameOf(i), value }));
    await rest.kv.putMany(pairs);
    // 24 MiB are 25.2 MB: three fit.
    expect(rest.server.requests.byRoute).toEqual({ [PUT]: 2 });
    for (const { key } of pairs) expect((await rest.kv.get(key)) === value).toBe(true);
  });
});
