/** Takes the screenshots of the README and the documentation: `node test/browser/screenshots.ts`; the page must be built. */
import { join } from "node:path";
import { App } from "./app.ts";
import { launchChromium } from "./chromium.ts";
import { takeExplorerPictures } from "./explorer-pictures.ts";

const DOCS = join(import.meta.dirname, "../../docs/public");

const app = await App.start();
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 860, height: 900 } });
await page.goto(app.url);
await page.getByLabel("Name").fill("Ada");
await page.getByRole("button", { name: "Log in" }).click();
for (let i = 0; i < 7; i++) await page.getByRole("button", { name: "Count" }).click();
for (const text of ["What is written here is read from memory.", "And it is still there after a restart."]) {
  await page.getByLabel("Note").fill(text);
  await page.getByRole("button", { name: "Add" }).click();
}
for (let i = 0; i < 5; i++) await page.reload();
for (const [colorScheme, name] of [
  ["light", "demo.png"],
  ["dark", "demo-dark.png"],
] as const) {
  await page.emulateMedia({ colorScheme });
  await page.screenshot({ path: join(DOCS, name), fullPage: true });
}
await takeExplorerPictures(browser, DOCS);
await browser.close();
await app.remove();
