import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const WORKFLOW = readFileSync(join(import.meta.dirname, "../../.github/workflows/release.yml"), "utf8");

/** The text of each job, by its name. */
const JOBS = new Map(
  WORKFLOW.slice(WORKFLOW.indexOf("\njobs:\n"))
    .split(/^ {2}(?=\w+:$)/m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf(":")), text]),
);

test("every action is named by its digest", () => {
  const actions = [...WORKFLOW.matchAll(/\buses: (\S+)/g)].map(([, action]) => action!);
  expect(actions.length).toBeGreaterThan(2);
  expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
});

test("the image is named by its whole version, and what is built runs on the Node of the lockfile", () => {
  const lockfile = readFileSync(join(import.meta.dirname, "../../pnpm-lock.yaml"), "utf8");
  const [, version] = /^ {2}node@(\d+\.\d+\.\d+):\n {4}resolution: \{integrity: sha512-/m.exec(lockfile)!;
  expect(JOBS.get("build")).toMatch(
    new RegExp(`^ {4}container: node:${version}-bookworm(@sha256:[0-9a-f]{64})?$`, "m"),
  );
  const settings = readFileSync(join(import.meta.dirname, "../../pnpm-workspace.yaml"), "utf8");
  expect(settings).toContain(`\nnodeVersion: ${version}\n`);
});

test("what is installed is three days old at least", () => {
  const settings = readFileSync(join(import.meta.dirname, "../../pnpm-workspace.yaml"), "utf8");
  expect(Number(/^minimumReleaseAge: (\d+)$/m.exec(settings)?.[1])).toBeGreaterThanOrEqual(3 * 24 * 60);
});

test("who may publish runs npm on tarballs that were built elsewhere, and nothing else", () => {
  expect(WORKFLOW).toMatch(/^permissions: \{\}$/m);
  const mayPublish = [...JOBS].filter(([, text]) => text.includes("id-token: write")).map(([name]) => name);
  expect(mayPublish).toEqual(["publish"]);
  const publish = JOBS.get("publish")!;
  // No sources, no dependencies, no image that changes under its name.
  expect(publish).not.toMatch(/checkout|npx|pnpm|npm (ci|install|run|exec)|node \w|container:|contents:/);
  expect(publish).toMatch(/npm publish \S+ .*--provenance --ignore-scripts/);
  expect(JOBS.get("build")).not.toMatch(/id-token|npm publish/);
});
