import { afterAll, beforeAll, describe } from "vitest";
import { testManyPuts } from "./fixtures/many-puts.ts";
import { KIND_NAMES, startFar } from "./fixtures/workers.ts";

describe.each(KIND_NAMES)("among %s", (kind) => {
  let far: Awaited<ReturnType<typeof startFar>>;
  beforeAll(async () => {
    far = await startFar(kind);
  });
  afterAll(() => far.stop());

  testManyPuts(10_000, () => far);
});
