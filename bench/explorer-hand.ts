import type { launchChromium } from "../test/browser/chromium.ts";

type Chromium = Awaited<ReturnType<typeof launchChromium>>;
/** A page in Chromium. */
export type Page = Awaited<ReturnType<Chromium["newPage"]>>;
/** Something on it. */
export type Spot = ReturnType<Page["locator"]>;

/** What a job took, or why it cannot be done. */
export type Effort =
  | string
  | {
      readonly clicks: number;
      readonly keystrokes: number;
      readonly seconds: number;
      /** What is not as it was wanted afterwards. */
      readonly wrong: string | undefined;
    };

/** Works on a page as a user does, and counts what that takes. */
export class Hand {
  readonly page: Page;
  clicks = 0;
  keystrokes = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async click(spot: Spot): Promise<void> {
    await spot.click();
    this.clicks++;
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
    this.keystrokes += text.length;
  }

  /** A key, or several held together, which count as one. */
  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    this.keystrokes++;
  }

  button(name: string | RegExp): Spot {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }
}
