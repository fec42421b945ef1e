/**
 * Measures the page with many keys: `node test/browser/measure.ts` with a million, `node test/browser/measure.ts 10000000`
 * with ten. `kvplug ui` lists them from an API that makes them up. It prints when the first rows were there, how long all
 * took, what a search takes, how smoothly one scrolls, and the heap.
 */
import { launchChromium } from "./chromium.ts";
import { heapOf } from "./heap.ts";
import { startMadeUpNames } from "./made-up-names.ts";
import { spawnUi } from "./ui-process.ts";

const count = Number(process.argv[2] ?? 1_000_000);
await using api = await startMadeUpNames(count);
await using ui = await spawnUi(["--api-url", api.url, "--account", "local", "--token", "any"], {});

const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(600_000);
await page.goto(ui.link);
const link = page.getByRole("main").getByRole("link", { name: "main" });
await link.waitFor();

const begun = performance.now();
await link.click();
await page.locator(".row").first().waitFor();
const first = performance.now();
await page.getByText(`${count.toLocaleString("en")} keys`, { exact: true }).waitFor();
const all = performance.now();

// What a search takes, in the page: from the last letter to the first frame with its result.
const searched = await page.evaluate<number>(`new Promise((resolve) => {
  const input = document.getElementById("search");
  const count = document.querySelector(".count");
  const begun = performance.now();
  new MutationObserver((_, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - begun));
  }).observe(count, { childList: true, characterData: true, subtree: true });
  input.value = "99999";
  input.dispatchEvent(new Event("input", { bubbles: true }));
})`);
await page.locator("#search").fill("");
await page.waitForTimeout(1000);

// Two seconds of scrolling: each frame a little further down.
const frames = await page.evaluate<number>(`new Promise((resolve) => {
  const scroller = document.querySelector(".scroller");
  const begun = performance.now();
  let frames = 0;
  const step = () => {
    frames++;
    scroller.scrollTop += 400;
    if (performance.now() - begun < 2000) requestAnimationFrame(step);
    else resolve(frames / ((performance.now() - begun) / 1000));
  };
  requestAnimationFrame(step);
})`);

console.log(
  [
    `${count.toLocaleString("en")} keys`,
    `first rows ${Math.round(first - begun)} ms`,
    `all ${((all - begun) / 1000).toFixed(1)} s`,
    `search ${Math.round(searched)} ms`,
    `${Math.round(frames)} frames a second`,
    `heap ${Math.round((await heapOf(page)) / 1e6)} MB`,
  ].join(", "),
);
await browser.close();
