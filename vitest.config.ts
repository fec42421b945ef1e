import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config";

/** `NODE_OPTIONS=--conditions=@kvplug/dist` runs the tests on the built packages instead of their sources. */
const built = process.env["NODE_OPTIONS"]?.includes("@kvplug/dist") ?? false;

/** What takes minutes runs with `KVPLUG_TEST=full` alone. */
const unlessFull: string[] = process.env["KVPLUG_TEST"] === "full" ? [] : ["**/*.full.test.ts"];

const inside = (folder: string): string[] =>
  readdirSync(join(import.meta.dirname, folder)).map((name) => join(folder, name));

const folders = [...inside("packages"), ...inside("examples"), "test"];

const config: ViteUserConfig = defineConfig({
  ssr: built ? { resolve: { conditions: ["@kvplug/dist", "module", "node"] } } : {},
  test: {
    // They are for hangs: a machine that is busy with other work may be ten times slower.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // More files at once than there are cores: most of them mostly wait.
    maxWorkers: Math.max(4, availableParallelism()),
    // A build is loaded by Node itself, as its users do.
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: ".vitest/results.json" },
    projects: folders.map((folder) => ({
      extends: true,
      root: folder,
      test: {
        name: basename(folder),
        // Apps are built and run by `pnpm test:frameworks`, and visited by `pnpm test:browser`.
        exclude: [...configDefaults.exclude, "frameworks/**", "browser/**", ...unlessFull],
        // `*.test-d.ts`; errors elsewhere are for `pnpm typecheck` to tell.
        typecheck: { enabled: !built, tsconfig: join(import.meta.dirname, "tsconfig.json"), ignoreSourceErrors: true },
      },
    })),
  },
});

export default config;
