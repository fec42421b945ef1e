import { availableParallelism } from "node:os";
import { join } from "node:path";
import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config";
import { parseCLI } from "vitest/node";
// `pnpm test:full`: what is too big or too slow for `pnpm test`, in `*.full.test.ts`.
import { isFull as full } from "./test/support/full.ts";

/** `NODE_OPTIONS=--conditions=@kvplug/dist` runs the tests on the built packages instead of their sources. */
const built = process.env["NODE_OPTIONS"]?.includes("@kvplug/dist") ?? false;

/** Whether some files were asked for, of which one wants to see the tests' names. */
const some = parseCLI(["vitest", ...process.argv.slice(2)]).filter.length > 0;

const ci = process.env["CI"] !== undefined;

const SUFFIX = full ? ".full.test.ts" : ".test.ts";
const FOLDERS = ["packages/*/test", "examples/*", "test"];
const TESTS = FOLDERS.map((folder) => `${folder}/**/*${SUFFIX}`);

/**
 * Files that have a process each: they measure its memory, end what others may need, keep to clocks, suites and
 * what a process reports once a minute, which nobody else may touch, or put vitest's timers under undici, which has one for the whole process. All others share a
 * few: to start one, and to load what most of them load, takes a second.
 */
const OWN_PROCESS = [
  "test/model/*",
  "test/gateway/suites/*",
  "test/{cache,driver}/{clocks,memory,never-settled,time,workers}",
  "test/cache/{deadline,expired}",
  "test/driver/{timeout-messages,transport-progress}",
  "packages/cache/test/held-keys",
  "packages/cli/test/{stop,unanswered}",
  "packages/gateway/test/gateway",
  "test/next/{ignorance,outages,results,seed,stored}",
].map((file) => `${file}${SUFFIX}`);

const exclude = [
  ...configDefaults.exclude,
  // Apps are built and run by `pnpm test:frameworks`, and visited by `pnpm test:browser`.
  "test/{frameworks,browser}/**",
  ...(full ? [] : ["**/*.full.test.ts"]),
];

// Every worker, and every command that a test starts, loads the same modules: they are compiled, and rid of their types, once.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/node-compile");

// The types' project would else say at each start that it is experimental.
process.env["VITEST_DISABLE_EXPERIMENTAL_LOG"] = "1";

const config: ViteUserConfig = defineConfig({
  ssr: built ? { resolve: { conditions: ["@kvplug/dist", "module", "node"] } } : {},
  test: {
    // They are for hangs: a machine that is busy with other work may be fifty times slower.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Each file leaves the clocks of its process as they were.
    setupFiles: ["./test/support/real-clocks.ts"],
    // Of records that cannot be read, and of tokens that are refused, the packages warn: tests provoke that and ask for it.
    execArgv: ["--disable-warning=KV_VALUE", "--disable-warning=KV_AUTH"],
    // More files at once than there are cores: most of them mostly wait.
    maxWorkers: Math.max(6, availableParallelism()),
    // A build is loaded by Node itself, as its users do.
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    // On a terminal a dot for each test, and what failed at the end; in a log a line for each file.
    reporters: ci ? ["default", "json"] : [some ? "default" : "dot"],
    slowTestThreshold: 10_000,
    outputFile: { json: full ? ".vitest/full.json" : ".vitest/results.json" },
    projects: [
      {
        extends: true,
        test: {
          name: "isolated",
          include: OWN_PROCESS,
          exclude,
        },
      },
      {
        extends: true,
        test: {
          name: "together",
          isolate: false,
          env: { KVPLUG_TEST_SHARES_ITS_PROCESS: "1" },
          include: TESTS,
          exclude: [...exclude, ...OWN_PROCESS],
        },
      },
      {
        extends: true,
        test: {
          name: "types",
          // `*.test-d.ts`; errors elsewhere are for `pnpm typecheck` to tell.
          include: [],
          typecheck: {
            enabled: !built && !full,
            only: true,
            include: FOLDERS.map((folder) => `${folder}/**/*.test-d.ts`),
            tsconfig: "tsconfig.types.json",
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
});

export default config;
