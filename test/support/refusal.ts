import { KVLimitError } from "@kvplug/core";
import { expect } from "vitest";
import { errorOf } from "./errors.ts";
import { listAll } from "./namespace.ts";
import type { RestSetup } from "./rest.ts";

/** What the error of bad input tells. */
export interface Expected {
  code: "KV_LIMIT" | "KV_INVALID";
  /** What the message holds: the limit, the figure, the key. */
  says: readonly (string | number)[];
  limit?: number;
  actual?: number;
  key?: string;
}

/** Expects that a call is refused so, before anything was sent. */
export async function expectRefusal(
  server: RestSetup["server"],
  call: () => Promise<unknown>,
  { code, says, limit, actual, key }: Expected,
): Promise<void> {
  const error = await errorOf(call());
  expect(error.code).toBe(code);
  for (const part of says) expect(error.message).toContain(String(part));
  if (limit !== undefined) expect(error).toBeInstanceOf(KVLimitError);
  if (limit !== undefined) expect(error).toMatchObject({ limit, actual });
  if (key !== undefined) expect(error.key).toBe(key);
  expect(server.requests.total).toBe(0);
  expect(await listAll(server.kv("test"))).toEqual([]);
}
