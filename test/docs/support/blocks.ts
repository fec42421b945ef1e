import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromMarkdown } from "mdast-util-from-markdown";

/** The root of the repository. */
export const ROOT: string = join(import.meta.dirname, "..", "..", "..");

/** A block of code in the documentation. */
export interface Block {
  /** Where it stands: `docs/errors.md:12`, the line of its fence. */
  place: string;
  language: "ts" | "js";
  /** Marked as `run`: it is to be run as it is. */
  run: boolean;
  /** Its code, on the lines that it has in the file. */
  code: string;
}

/** All blocks of TypeScript and JavaScript in what users read. */
export function allBlocks(): Block[] {
  return globSync(["*.md", "packages/*/README.md", "docs/*.md"], { cwd: ROOT }).toSorted().flatMap(blocksOf);
}

type Root = ReturnType<typeof fromMarkdown>;

function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  const visit = (node: Root | Root["children"][number]): void => {
    if (node.type === "code" && (node.lang === "ts" || node.lang === "js")) {
      const { lang: language, meta, value, position } = node;
      const line = position!.start.line;
      const run = meta?.split(" ").includes("run") ?? false;
      blocks.push({ place: `${file}:${line}`, language, run, code: `${"\n".repeat(line)}${value}\n` });
    }
    if ("children" in node) node.children.forEach(visit);
  };
  visit(fromMarkdown(readFileSync(join(ROOT, file), "utf8")));
  return blocks;
}
