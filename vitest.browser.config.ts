import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Visits the page of `pnpm start`, and the site of the documentation, with Chromium, which not everyone has: this is `pnpm test:browser`. */
const config: ViteUserConfig = defineConfig({
  root: join(import.meta.dirname, "test/browser"),
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // More than there are cores: a page mostly waits.
    maxWorkers: Math.max(4, availableParallelism()),
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: join(import.meta.dirname, ".vitest/browser.json") },
  },
});

export default config;
