import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { tooOld } from "../src/oldest-node.ts";

test.each(["18.20.8", "20.20.2", "22.9.0", "22.18.0"])("Node %s is told which one is needed", (version) => {
  const oldest = manifest.engines.node.replace(">=", "");
  expect(tooOld(version)).toBe(`kvplug needs Node ${oldest} or newer, and this is ${version}.`);
});

test.each(["22.19.0", "22.20.1", "23.0.0", "24.4.0", "100.0.0"])("Node %s is new enough", (version) => {
  expect(tooOld(version)).toBeUndefined();
});
