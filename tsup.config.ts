import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Options } from "tsup";

interface Manifest {
  readonly bin?: unknown;
  readonly imports?: unknown;
  readonly exports?: unknown;
  readonly publishConfig: { readonly main?: string; readonly imports?: Record<string, string | { node: string }> };
}

/** The package being built: tsup runs in its folder. Each source that its manifest names becomes an entry. */
const { bin, imports, exports, publishConfig } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const entries = new Set(JSON.stringify({ bin, imports, exports }).match(/src\/[^"]+\.ts/g));

const target = "node22.19";

/** ESM, with dependencies left as imports and one copy of what several entries share; tsc adds the declarations. */
const options: Options = {
  entry: [...entries],
  format: "esm",
  target,
  sourcemap: true,
  clean: true,
  silent: true,
  // `node:sqlite` does not exist without its prefix.
  removeNodeProtocol: false,
  // What `imports` chooses is chosen where the package runs.
  external: [/^#/],
  // A package with a `main` is also for what cannot `require` ESM, such as jest.
  ...(publishConfig.main !== undefined && { onSuccess: buildCommonJS }),
};

/** Dependencies that are ESM alone: jest could not `require` them, so they become part of what is CommonJS. */
const ESM_ALONE = /^@(noble|remix-run)\//;

const bundleThem: Plugin = {
  name: "bundle what is ESM alone",
  setup: (builder) =>
    builder.onResolve({ filter: /./ }, ({ kind, path, importer }) =>
      kind === "entry-point" || ESM_ALONE.test(path) || importer.includes("node_modules")
        ? undefined
        : { path, external: true },
    ),
};

/** The same files as CommonJS, for Node, in a folder that is a package of its own: by that Node knows what they are. */
async function buildCommonJS(): Promise<void> {
  const entryPoints = globSync("dist/**/*.js");
  const { outputFiles, metafile } = await build({
    entryPoints,
    outdir: "dist/cjs",
    format: "cjs",
    platform: "node",
    target,
    sourcemap: true,
    logLevel: "warning",
    bundle: true,
    plugins: [bundleThem],
    metafile: true,
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      text.replaceAll(/require\("(#[\w-]+)"\)/g, (_, name: string) => `require("${fileOf(name, dirname(path))}")`),
    );
  }
  const bundled = new Set(
    Object.keys(metafile.inputs).flatMap((path) => /.*node_modules\/@[^/]+\/[^/]+/.exec(path) ?? []),
  );
  const licenses = Array.from(bundled, (folder) => readFileSync(join(folder, "LICENSE"), "utf8"));
  if (licenses.length > 0) writeFileSync("dist/cjs/LICENSES.txt", licenses.join("\n"));
  writeFileSync("dist/cjs/package.json", '{"type":"commonjs"}\n');
}

/** What `imports` chooses in Node: that of the whole package is not there in a package of its own. */
function fileOf(name: string, folder: string): string {
  const chosen = publishConfig.imports![name]!;
  const file = (typeof chosen === "string" ? chosen : chosen.node).replace("./dist/", "dist/cjs/");
  const path = relative(folder, file);
  return path.startsWith(".") ? path : `./${path}`;
}

export default options;
