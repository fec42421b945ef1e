/**
 * Compiles `test/packed/types.ts` in a project of the packed packages, with each TypeScript that they support and each
 * way in which it resolves packages, the declarations of all that it imports among it.
 */
import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import pMap, { type Options } from "p-map";

const TYPESCRIPTS = {
  "typescript-5": "npm:typescript@~5.9.0",
  "typescript-6": "npm:typescript@^6.0.0",
  "typescript-7": "npm:typescript@^7.0.0",
};

/** What the project has besides the packages: the hosts that they plug into. */
export const TYPED_HOSTS: Readonly<Record<string, string>> = {
  ...TYPESCRIPTS,
  "@types/express-session": "^1.19.0",
  "@types/node": "^24.0.0",
  bentocache: "^1.6.1",
  "cache-manager-7": "npm:cache-manager@^7.2.9",
  "cache-manager-5": "npm:cache-manager@^5.7.6",
  "cache-manager-6": "npm:cache-manager@^6.4.3",
  cacheable: "^2.5.0",
  keyv: "^5.6.0",
  keyv6: "npm:keyv@^6.1.0",
  unstorage: "^1.17.6",
};

const WAYS = { nodenext: "nodenext", bundler: "esnext" };

/** @throws with what a compiler says, unless all of it is about declarations of others. */
export async function checkTypes(project: string, atOnce: Options): Promise<void> {
  copyFileSync("test/packed/types.ts", join(project, "types.ts"));
  const compilations = Object.keys(TYPESCRIPTS).flatMap((typescript) =>
    Object.entries(WAYS).map(([moduleResolution, module]) => ({ typescript, moduleResolution, module })),
  );
  await pMap(compilations, (compilation) => compile(project, compilation), atOnce);
  console.log(`types: compiled by TypeScript 5.9, 6 and 7, as ${Object.keys(WAYS).join(" and ")}`);
}

interface Compilation {
  typescript: string;
  moduleResolution: string;
  module: string;
}

async function compile(project: string, { typescript, moduleResolution, module }: Compilation): Promise<void> {
  const options = {
    module,
    moduleResolution,
    target: "es2024",
    lib: "es2024,esnext.disposable",
    types: "node",
    skipLibCheck: "false",
  };
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const compiler = join("node_modules", typescript, "bin", "tsc");
  const flags = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", ...given, "types.ts"];
  try {
    await promisify(execFile)(process.execPath, [compiler, ...flags], { cwd: project, maxBuffer: 2 ** 26 });
  } catch (cause) {
    const { stdout = "" } = cause as { stdout?: string };
    // Each begins with a file's path; what explains it is indented.
    const own = stdout.split(/\n(?=\S)/).filter((about) => /^(types\.ts|\S*kvplug\S*)\(/.test(about));
    const isUnknown = !/^\S+\(\d+,\d+\): error TS/m.test(stdout);
    if (own.length > 0 || isUnknown)
      throw new Error(`${typescript}, ${moduleResolution}:\n${isUnknown ? stdout : own.join("\n")}`, { cause });
  }
}
