import { KVBulkError, KVError } from "@kvplug/core/seam";
import { expect, test } from "vitest";
import { ConfirmedPages } from "../src/bulk/pages/confirmed-pages.ts";
import type { Page } from "../src/bulk/pages/page.ts";
import { writePages } from "../src/bulk/pages/write-pages.ts";
import type { LongWork } from "../src/progress/long-work.ts";
import { openProgress } from "../src/progress/progress.ts";
import { contextOf } from "./command.ts";

const REFUSED = new KVError("KV_API", "refused", { httpStatus: 400 });
const AWAY = new KVError("KV_NETWORK", "no answer");

async function* pages(): AsyncGenerator<Page<string, number>> {
  yield { id: "0", items: ["a", "b", "c"], bytes: 3, leftOut: 1, next: 4 };
}

/** Writes a page of which two keys fail, for these reasons. */
async function write(
  ...reasons: KVError[]
): Promise<{ confirmedPages: ConfirmedPages<number>; refused: string[]; error: unknown }> {
  const flags = { quiet: true as const };
  await using progress = await openProgress(contextOf([]), { verb: "import", flags, targets: [], hint: undefined });
  const { signal } = new AbortController();
  const work: LongWork = { stop: signal, cut: signal, progress };
  const confirmedPages = new ConfirmedPages<number>({ mark: 0, keys: 0, bytes: 0, leftOut: 0, beyond: [] }, undefined);
  const failure = new KVBulkError(
    "some failed",
    new Map([
      ["a", reasons[0]],
      ["b", reasons[1]],
    ]),
  );
  let refused: readonly string[] = [];
  const written = writePages<string, number>({
    pages: pages(),
    confirmedPages,
    work,
    write: () => Promise.reject(failure),
    onFailedKeys: (keys) => (refused = keys),
  });
  const error = await written.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { confirmedPages, refused: [...refused], error };
}

test("a page of which keys are refused is done, but for those", async () => {
  const { confirmedPages, refused, error } = await write(REFUSED, REFUSED);
  expect([error, refused]).toEqual([undefined, ["a", "b"]]);
  expect(confirmedPages.state).toEqual({ mark: 4, keys: 1, bytes: 3, leftOut: 3, beyond: [] });
});

test("a page of which a key was merely not answered is not done, whatever the others failed with", async () => {
  for (const reasons of [
    [REFUSED, AWAY],
    [AWAY, REFUSED],
  ] as const) {
    const { confirmedPages, refused, error } = await write(...reasons);
    expect([error, refused]).toEqual([expect.any(KVBulkError), []]);
    expect(confirmedPages.state).toMatchObject({ mark: 0, keys: 0, leftOut: 0 });
  }
});
