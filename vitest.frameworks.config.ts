import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Builds and runs whole apps, which takes too long for `pnpm test`: this is `pnpm test:frameworks`. */
const config: ViteUserConfig = defineConfig({
  root: join(import.meta.dirname, "test/frameworks"),
  test: {
    globalSetup: "./support/packed.ts",
    // They are for hangs: a machine that is busy with other work may be ten times slower.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // More than there are cores: an app that is installed waits for the disk, and one that runs for its visitors.
    maxWorkers: Math.max(3, availableParallelism()),
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: join(import.meta.dirname, ".vitest/frameworks.json") },
  },
});

export default config;
