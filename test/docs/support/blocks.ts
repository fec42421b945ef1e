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
  /** Marked as a test of `vitest` (`test`) or of `jest`. */
  test: "vitest" | "jest" | undefined;
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
      const marks = new Set(meta?.split(" "));
      const test = marks.has("test") ? "vitest" : marks.has("jest") ? "jest" : undefined;
      blocks.push({
        place: `${file}:${line}`,
        language,
        run: marks.has("run"),
        test,
        code: `${"\n".repeat(line)}${value}\n`,
      });
    }
    if ("children" in node) node.children.forEach(visit);
  };
  visit(fromMarkdown(readFileSync(join(ROOT, file), "utf8")));
  return blocks;
}
