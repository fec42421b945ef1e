import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import type { MarkdownRenderer } from "vitepress";

const ROOT = join(import.meta.dirname, "..", "..");

/** Pages that show a file from elsewhere in the repository, by the folder that its links start from. */
const SHOWN: readonly [page: RegExp, folder: string][] = [
  [/^(contributing|security)\.md$/, "."],
  [/^((?:packages|examples)\/(?!index)[^/]+)\.md$/, "$1"],
];

/** Where the site has what the repository has at a path. */
const PLACES: readonly [path: RegExp, place: string][] = [
  [/^docs\/public\//, "/"],
  [/^docs(\/|$)/, "/"],
  [/^(packages|examples)\/([^/]+)(\/.*)?$/, "/$1/$2.md"],
  [/^examples$/, "/examples/"],
  [/^README\.md$/, "/"],
  [/^CONTRIBUTING\.md$/, "/contributing.md"],
  [/^SECURITY\.md$/, "/security.md"],
  [/^LICENSE$/, "/license.md"],
];

/**
 * Links in Markdown are written as the repository needs them, where they lead from file to file. This leads them to
 * the pages of the site. One that leads nowhere fails the build.
 */
export function repositoryLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.after("inline", "repository-links", ({ tokens, env }) => {
    const page = (env as { relativePath: string }).relativePath;
    // Pictures that have a dark side are HTML.
    for (const token of tokens.filter(({ type }) => type === "html_block")) {
      token.content = token.content.replace(
        /\b(src|srcset)="([^":]+)"/g,
        (_, name: string, target: string) => `${name}="${placeOf(target, page)}"`,
      );
    }
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const attribute = token.type === "image" ? "src" : "href";
      const target = token.attrGet(attribute);
      if (target === null || /^([a-z]+:|#|\/)/.test(target)) continue;
      token.attrSet(attribute, placeOf(target, page));
    }
  });
}

function placeOf(target: string, page: string): string {
  const [path, anchor] = target.split("#", 2) as [string, string?];
  const file = posix.join(folderOf(page), path).replace(/\/$/, "");
  if (!existsSync(join(ROOT, file)))
    throw new Error(`${page}: the link ${target} leads to ${file}, which does not exist`);
  const [pattern, place] = PLACES.find(([one]) => one.test(file)) ?? [];
  if (pattern === undefined)
    throw new Error(`${page}: the link ${target} leads to ${file}, which the site does not show`);
  return file.replace(pattern, place!) + (anchor === undefined ? "" : `#${anchor}`);
}

function folderOf(page: string): string {
  const [pattern, folder] = SHOWN.find(([one]) => one.test(page)) ?? [];
  return pattern === undefined ? posix.dirname(posix.join("docs", page)) : page.replace(pattern, folder!);
}
