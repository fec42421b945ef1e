import type { MarkdownRenderer } from "vitepress";

/**
 * Lets a narrow screen show a table's rows below each other: each cell knows its column, by `data-label`. A heading that
 * says nothing is an ordinary cell, since a screen reader would announce it.
 */
export function readableTables(markdown: MarkdownRenderer): void {
  markdown.core.ruler.after("inline", "readable-tables", ({ tokens }) => {
    let headings: string[] = [];
    let column = 0;
    for (const [i, token] of tokens.entries()) {
      if (token.type === "table_open") headings = [];
      if (token.type === "tr_open") column = 0;
      if (token.type === "td_open") token.attrSet("data-label", headings[column++] ?? "");
      if (token.type !== "th_open") continue;
      const { children } = tokens[i + 1]!;
      const heading = (children ?? []).map(({ content }) => content).join("");
      headings.push(heading);
      if (heading === "") token.tag = tokens[i + 2]!.tag = "td";
    }
  });
}
