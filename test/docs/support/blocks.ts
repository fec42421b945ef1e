import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromMarkdown } from "mdast-util-from-markdown";

/** The root of the repository. */
export const ROOT: string = join(import.meta.dirname, "..", "..", "..");

/** Where a block runs, by the word behind its language. */
const HOMES = [
  /** A program that ends by itself. */
  "run",
  /** A program that listens on `PORT`, and is then asked what the page asks it. */
  "serve",
  /** A Worker, in workerd. */
  "worker",
  /** A Worker that is a gateway: what the programs ask at `GATEWAY_URL`, with `GATEWAY_TOKEN`. */
  "gateway",
  /** A file of tests. Those of jest are run by `pnpm test:frameworks`, which installs it. */
  "vitest",
  "jest",
  /** A file of an app, whose path is the comment on its first line. `pnpm test:frameworks` builds them. */
  "nuxt",
  "nitro-2",
  "nitro-3",
  "nitro-3-beta",
  "nestjs",
  /** What an app of NestJS 10 there has in a longer form. */
  "nestjs-10",
  "next",
] as const;

export type Home = (typeof HOMES)[number];

/** What a page asks of a program that listens: `curl localhost:3000/path # answer`. */
export interface Question {
  path: string;
  /** What the answer holds; `…` stands for anything. */
  answer: string;
}

/** A block of code in the documentation. */
export interface Block {
  /** The file that it stands in. */
  page: string;
  /** Where it stands: `docs/errors.md:12`, the line of its fence. */
  place: string;
  language: "ts" | "js";
  /** Where it runs. What is marked otherwise is compiled alone. */
  home: Home | undefined;
  /** Its code, on the lines that it has in the file. */
  code: string;
  /** The file that its first line says it is. */
  file: string | undefined;
  /** What the page asks of it, below. */
  questions: Question[];
  /** What the page installed above, line by line, each as `npm install` takes it. */
  installs: string[][];
}

/** All blocks of TypeScript and JavaScript in what users read. */
export function allBlocks(): Block[] {
  return globSync(["*.md", "packages/*/README.md", "docs/*.md"], { cwd: ROOT }).toSorted().flatMap(blocksOf);
}

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>["children"][number];

function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const installs: string[][] = [];
  const visit = (node: Node): void => {
    if (node.type === "inlineCode" || (node.type === "code" && node.lang === "sh")) {
      installs.push(...installsOf(node.value));
      blocks.at(-1)?.questions.push(...questionsOf(node.value));
    }
    if (node.type === "code" && (node.lang === "ts" || node.lang === "js")) {
      const { lang: language, meta, value, position } = node;
      const line = position!.start.line;
      const home = HOMES.find((name) => name === meta);
      blocks.push({
        page,
        place: `${page}:${line}`,
        language,
        home,
        code: `${"\n".repeat(line)}${value}\n`,
        file: /^\/\/ ([\w./-]+\.(?:ts|js|mjs))/.exec(value)?.[1],
        questions: [],
        installs: [...installs],
      });
    }
    if ("children" in node) node.children.forEach(visit);
  };
  visit(fromMarkdown(readFileSync(join(ROOT, page), "utf8")));
  return blocks;
}

/** The packages of each `npm install` in a shell's lines. */
function installsOf(shell: string): string[][] {
  return [...shell.matchAll(/npm install ([^#\n&]+)/g)].map(([, names]) =>
    names!.split(" ").filter((name) => /^@?[a-z]/.test(name)),
  );
}

function questionsOf(shell: string): Question[] {
  return [...shell.matchAll(/^curl (?:-\w \w+ )*localhost:\d+(\S*) +# (.+)$/gm)].map(([, path, answer]) => ({
    path: path!,
    answer: answer!,
  }));
}
