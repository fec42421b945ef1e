import axe from "axe-core";
import type { Page } from "playwright-core";
import { isFull } from "../support/full.ts";

/** How a page is seen: colours, and the width of its window in pixels. */
export interface View {
  readonly colorScheme: "light" | "dark";
  readonly width: number;
}

/** Both schemes, on a desk and on a phone. */
const ALL_VIEWS: readonly View[] = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 390 },
  { colorScheme: "light", width: 390 },
  { colorScheme: "dark", width: 1280 },
];

/** How pages are looked at: for a release in each scheme at each width, else in each and at each once. */
export const VIEWS: readonly View[] = isFull ? ALL_VIEWS : ALL_VIEWS.slice(0, 2);

/** Shows a page as it is seen there. */
export async function show(page: Page, { colorScheme, width }: View): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.setViewportSize({ width, height: 900 });
}

/** What axe has against a page: rule, and the first element that breaks it. */
export async function violations(page: Page): Promise<string[]> {
  // By the debugger, past the page's content security policy.
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<axe.AxeResults>("axe.run()");
  return found.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ${nodes[0]!.html.slice(0, 160)}`);
}

/** By how many pixels a page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
