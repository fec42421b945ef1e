import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, type Block } from "./blocks.ts";

/** Where the blocks are written: where the README sends readers of a clone. They stay, to be looked at. */
export const FOLDER: string = join(ROOT, "examples", "playground", ".blocks");

/** Where they are compiled, which may be while tests run them. */
export const COMPILED: string = join(ROOT, "examples", "playground", ".compiled-blocks");

/** Writes blocks as files, and what it takes to compile them. */
export function writeBlocks(blocks: readonly Block[], folder: string = FOLDER): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const block of blocks) writeFileSync(join(folder, fileOf(block)), asModule(block));
  const config = {
    extends: "../../../tsconfig.json",
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      isolatedDeclarations: false,
      declaration: false,
      noUnusedLocals: false,
    },
    include: ["*.ts", "*.js", "../../../test/docs/*.d.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
}

/** The file of a block: `docs-errors.md-12.ts`. Tests are `spec.ts`, which the tests of the clone do not match. */
export function fileOf({ place, language, home }: Block): string {
  return `${place.replaceAll(/[/:]/g, "-")}.${home === "vitest" ? "spec." : ""}${language}`;
}

/** Of the two cache-managers that the playground has, the one which a block means. What contributors write is in `test`. */
function asModule({ code, page }: Block): string {
  let named = code;
  if (code.includes("@kvplug/cache-manager/v5")) {
    named = named.replaceAll('from "cache-manager"', 'from "cache-manager-5"');
  }
  if (page === "CONTRIBUTING.md") named = named.replaceAll('from "../', 'from "../../../test/');
  return /^(import|export) /m.test(named) ? named : `${named}export {};\n`;
}
