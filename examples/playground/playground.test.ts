import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publicPackages } from "../../scripts/public-packages.ts";

const root = join(import.meta.dirname, "../..");

test("the program runs as its first line says", () => {
  const command = join(root, "node_modules/.bin/kvplug");
  const { stdout } = spawnSync(command, ["run", "--", process.execPath, "examples/playground/try.ts"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout).toBe("hello\n");
});

test("every package resolves here", () => {
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const names = publicPackages(root).map(({ manifest }) => manifest.name);
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(names));
});
