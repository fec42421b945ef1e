import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./measure.ts";
import { versionOf } from "./conditions.ts";
import { packAll } from "../scripts/pack.ts";

/** What it takes to have a package. */
export interface ImportResult {
  readonly name: string;
  /** How long its import takes in a process of its own, in milliseconds. */
  readonly time: number;
  /** The median, over the rounds, of that in multiples of undici's. */
  readonly ratio: number;
  /** What npm installs for it; nothing where it was not asked to. */
  readonly installed?: { readonly bytes: number; readonly packages: number };
}

/** What is imported, and what npm is told to install for it. */
const IMPORTS: Readonly<Record<string, { module: string; packages: readonly string[] }>> = {
  undici: { module: "undici", packages: ["undici"] },
  "@kvplug/core": { module: "@kvplug/core", packages: ["@kvplug/core"] },
  "cloudflare (SDK)": { module: "cloudflare", packages: ["cloudflare"] },
  unstorage: { module: "unstorage/drivers/cloudflare-kv-http", packages: ["unstorage"] },
  "@keyv/cloudflare-kv": { module: "@keyv/cloudflare-kv", packages: ["@keyv/cloudflare-kv", "keyv"] },
};

/** Compares imports, with undici first, which most of them stand on. The packages here must have been built. */
export async function compareImports(rounds: number, install: boolean): Promise<ImportResult[]> {
  if (!existsSync("packages/core/dist")) throw new Error("There is no build to measure: run pnpm build.");
  const names = Object.keys(IMPORTS);
  const times = Array.from({ length: rounds }, (_, round) => {
    // Who goes first finds other caches than those that follow.
    const order = round % 2 === 0 ? names : names.toReversed();
    return Object.fromEntries(order.map((name) => [name, importTime(IMPORTS[name]!.module)]));
  });
  const results: ImportResult[] = [];
  for (const name of names) {
    const time = median(times.map((round) => round[name]!));
    const ratio = median(times.map((round) => round[name]! / round["undici"]!));
    const installed = install ? await installedSize(IMPORTS[name]!.packages) : undefined;
    results.push({ name, time, ratio, ...(installed && { installed }) });
  }
  return results;
}

function importTime(name: string): number {
  const program = `const at = performance.now(); await import("${name}"); console.log(performance.now() - at);`;
  const flags = ["--conditions=@kvplug/dist", "--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: "utf8" }));
}

async function installedSize(packages: readonly string[]): Promise<{ bytes: number; packages: number }> {
  const folder = mkdtempSync(join(tmpdir(), "kvplug-size-"));
  try {
    const project = join(folder, "project");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), "{}");
    const own = await packAll(folder);
    const wanted = packages.map((name) => own[name] ?? `${name}@${versionOf(name)}`);
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"];
    execFileSync("npm", ["install", ...flags, ...wanted], { cwd: project, stdio: "pipe" });
    const files = readdirSync(join(project, "node_modules"), { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    return {
      bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0),
      packages: paths.filter((path) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)).length,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
