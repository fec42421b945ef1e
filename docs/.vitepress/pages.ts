import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** A file of Markdown in the repository, as the site shows it. */
export interface Page {
  name: string;
  /** Its first heading. */
  title: string;
  content: string;
}

/** The package READMEs, named after their folders. */
export const packagePages: Page[] = globSync("packages/*/README.md", { cwd: ROOT })
  .toSorted()
  .map((file) => read(file, file.split("/")[1]!));

/** The pages of this folder, but the first. */
export const guidePages: Page[] = globSync("docs/*.md", { cwd: ROOT, exclude: ["docs/index.md"] })
  .toSorted()
  .map((file) => read(file, basename(file, ".md")));

function read(file: string, name: string): Page {
  const content = readFileSync(join(ROOT, file), "utf8");
  return {
    name,
    content,
    title: /^title: (.+)$|^# (.+)$/m
      .exec(content)!
      .slice(1)
      .find((title) => title !== undefined)!,
  };
}
