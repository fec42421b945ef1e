import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { allBlocks, type Block } from "../docs/support/blocks.ts";
import { environmentOf, expectAnswers, expectPromised, NODE, run, whileServing } from "../docs/support/running.ts";
import { isFull } from "../support/full.ts";
import { installProject, projectsOf } from "./support/projects.ts";

/** What asks a gateway is run beside one in `test/docs`. */
const programs = allBlocks().filter(
  ({ home, code, page }) =>
    (home === "run" || home === "serve" || home === "vitest" || home === "jest") &&
    !code.includes("GATEWAY_") &&
    page !== "CONTRIBUTING.md",
);
/** For a release all of them; else those that npm shows, and those of jest: all others are run in the clone, in `test/docs`. */
const tried = programs.filter(({ home, page }) => isFull || home === "jest" || page.endsWith("README.md"));
const pages = [...Map.groupBy(tried, ({ page }) => page)];

describe("in a project with what the page installs, its programs do what it says", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ namespaces: pages.map(([page]) => page) });
  });
  afterAll(() => server.close());

  test.for(pages)("%s", async ([, blocks]) => {
    const tarballs = inject("tarballs");
    for (const [dependencies, together] of projectsOf(blocks, tarballs)) {
      const project = await installProject(dependencies, tarballs);
      try {
        for (const block of together) await tryOut(block, project.folder, environmentOf(block, server, ""));
      } finally {
        await project.remove();
      }
    }
  });
});

async function tryOut(block: Block, cwd: string, env: Record<string, string>): Promise<void> {
  const { home, language, place, code, questions } = block;
  if (home === "jest") return tryJest(block, cwd);
  // As the README says: these names are modules in whatever project.
  const file = home === "vitest" ? "reader.test.mts" : language === "js" ? "try.mjs" : "try.mts";
  await writeFile(join(cwd, file), code);
  if (home === "serve") return whileServing([file], env, (url) => expectAnswers(questions, url), cwd);
  const args = home === "vitest" ? ["node_modules/vitest/vitest.mjs", "run", file] : [file];
  // A test starts what it needs by itself.
  const { output, exitCode } = await run(NODE, args, home === "vitest" ? {} : env, cwd);
  expect(exitCode, `${place}\n${output}`).toBe(0);
  if (home === "run") expectPromised(block, output);
}

/** As its first line says: `// a.test.mjs; npx jest`. */
async function tryJest({ place, code }: Block, cwd: string): Promise<void> {
  const [, file, command] = /^\/\/ (\S+); (.+)$/m.exec(code)!;
  await writeFile(join(cwd, file!), code);
  const { output, exitCode } = await run("sh", ["-c", command!], {}, cwd);
  expect(exitCode, `${place}\n${output}`).toBe(0);
  expect(output).toContain("1 passed");
}
