import { readFileSync } from "node:fs";
import type { Options } from "tsup";

/** The package being built: tsup runs in its folder. Each source that its manifest names becomes an entry. */
const { bin, imports, exports } = JSON.parse(readFileSync("package.json", "utf8")) as Record<string, unknown>;
const entries = new Set(JSON.stringify({ bin, imports, exports }).match(/src\/[^"]+\.ts/g));

/** ESM, with dependencies left as imports and one copy of what several entries share; tsc adds the declarations. */
const options: Options = {
  entry: [...entries],
  format: "esm",
  target: "node22.19",
  sourcemap: true,
  clean: true,
  silent: true,
  // `node:sqlite` does not exist without its prefix.
  removeNodeProtocol: false,
  // What `imports` chooses is chosen where the package runs.
  external: [/^#/],
};

export default options;
