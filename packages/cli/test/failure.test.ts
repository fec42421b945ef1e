import { expect, test } from "vitest";
import { describeFailure } from "../src/failure.ts";

test("on a Node that has not what is needed, it says which has", async () => {
  // What an older Node says of `node:sqlite`.
  const name = "node:sqlite-of-tomorrow";
  const error: unknown = await import(name).catch((failure: unknown) => failure);
  expect(describeFailure(error)).toEqual({
    line: `kvplug: this needs Node 22.19 or newer, and runs on ${process.version}.`,
    exitCode: 1,
  });
});
