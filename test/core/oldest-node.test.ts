import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tooOld } from "../../packages/core/src/seam/oldest-node.ts";

const manifest = join(import.meta.dirname, "../../packages/core/package.json");
const { engines } = JSON.parse(readFileSync(manifest, "utf8")) as { engines: { node: string } };
const oldest = engines.node.replace(">=", "");

test.each(["18.20.8", "20.20.2", "22.0.0", "22.18.0"])("Node %s is told which one is needed", (node) => {
  expect(tooOld({ node })).toBe(
    `@kvplug/core, and packages built on it, need Node ${oldest} or newer; this is ${node}.`,
  );
});

test.each(["22.19.0", "24.11.0", "26.0.0"])("Node %s is told nothing", (node) => {
  expect(tooOld({ node })).toBeUndefined();
});

test("Bun, Deno and platforms without Node are told nothing", () => {
  expect(tooOld({ node: "20.0.0", bun: "1.4.0" })).toBeUndefined();
  expect(tooOld({ node: "20.0.0", deno: "2.9.0" })).toBeUndefined();
  expect(tooOld({})).toBeUndefined();
});
