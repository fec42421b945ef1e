import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./support/blocks.ts";

const examples = globSync("examples/*/package.json", { cwd: ROOT }).map((file) => file.split("/")[1]!);

test.for(examples.toSorted())("the README of %s says what it is, how to run it and what one sees", (name) => {
  const folder = join(ROOT, "examples", name);
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  expect(readme.split("\n").filter((line) => /^##? /.test(line))).toEqual([
    `# ${name}`,
    "## Run it",
    "## What you see",
  ]);
  // Each section has something to run or to look at, but for a page in a browser.
  expect(readme).toContain("```sh\n");
  for (const [, file] of readme.matchAll(/`([\w-]+\.ts)`/g)) expect(existsSync(join(folder, file!)), file).toBe(true);
  for (const [, file] of readme.matchAll(/node (examples\/[\w/-]+\.ts)/g)) {
    expect(existsSync(join(ROOT, file!)), file).toBe(true);
  }
});

test("each example is in the docs' list", () => {
  const list = readFileSync(join(ROOT, "docs/examples/index.md"), "utf8");
  for (const name of examples) expect(list).toContain(`[${name}](../../examples/${name})`);
});
