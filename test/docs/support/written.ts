import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, type Block } from "./blocks.ts";

/** Where the blocks are written: among the tests' packages, which they import. They stay, to be looked at. */
export const FOLDER: string = join(ROOT, "test", ".blocks");

/** Writes blocks as files, and what it takes to compile them. */
export function writeBlocks(blocks: readonly Block[]): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const block of blocks) writeFileSync(join(FOLDER, fileOf(block)), asModule(block.code));
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      isolatedDeclarations: false,
      declaration: false,
      noUnusedLocals: false,
    },
    include: ["*.ts", "*.js", "../docs/*.d.ts"],
    exclude: [],
  };
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(config));
}

/** The file of a block: `docs-errors.md-12.ts`. */
export function fileOf({ place, language }: Block): string {
  return `${place.replaceAll(/[/:]/g, "-")}.${language}`;
}

/** Of what is installed here in several majors, under names of their own: which one a block means. */
function asModule(code: string): string {
  const manager = code.includes("@kvplug/cache-manager/v5") ? "cache-manager-5" : "cache-manager-7";
  const keyv = code.includes("@kvplug/keyv/v6") ? "keyv6" : "keyv";
  const named = code
    .replaceAll('from "cache-manager"', `from "${manager}"`)
    .replaceAll('from "keyv"', `from "${keyv}"`);
  return /^(import|export) /m.test(named) ? named : `${named}export {};\n`;
}
