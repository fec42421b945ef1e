import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Builds and runs whole apps, which takes too long for `pnpm test`: this is `pnpm test:frameworks`. */
const config: ViteUserConfig = defineConfig({
  root: join(import.meta.dirname, "test/frameworks"),
  test: {
    globalSetup: "./support/packed.ts",
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: join(import.meta.dirname, ".vitest/frameworks.json") },
  },
});

export default config;
