import { inspect } from "node:util";
import type { KVError } from "@kvplug/core";
import { expect } from "vitest";

/** The error that a call rejects with. */
export async function errorOf(call: Promise<unknown>): Promise<KVError & Record<string, unknown>> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome, "the call should have failed").toBeInstanceOf(Error);
  return outcome as KVError & Record<string, unknown>;
}

/** Everything that a log could show of an error, its causes included. */
export function allOf(error: unknown): string {
  const causes: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    causes.push(String(at), at.stack ?? "", JSON.stringify(at), inspect(at, { depth: 10, showHidden: true }));
  }
  return causes.join("\n");
}
