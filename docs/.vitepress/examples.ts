import { globSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

const EXAMPLES = join(import.meta.dirname, "..", "..", "examples");

/** A program of `examples/`, as a page of its files. */
export interface Example {
  name: string;
  content: string;
}

/** What was installed or built there is not to be shown. */
const exclude = (name: string): boolean => name === "node_modules" || name.startsWith(".");

const PATTERNS = ["*/**/*.{ts,vue,json,mjs,jsx}", "next/**/*.js"];

const files = globSync(PATTERNS, { cwd: EXAMPLES, exclude }).toSorted();

/** All examples. */
export const examples: Example[] = [...Map.groupBy(files, (file) => file.split("/")[0]!)].map(([name, parts]) => ({
  name,
  content: [readFileSync(join(EXAMPLES, name, "README.md"), "utf8"), "## Its files", ...parts.map(show)].join("\n\n"),
}));

function show(file: string): string {
  const fence = "```";
  return `### ${file.slice(file.indexOf("/") + 1)}\n\n${fence}${extname(file).slice(1).replace("mjs", "js")}\n${readFileSync(join(EXAMPLES, file), "utf8")}${fence}`;
}
