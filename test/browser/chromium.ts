import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

/** Where systems put it; first where it has no windows at all, which takes half the CPU. */
const USUAL_PLACES = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** A name of another site, which leads to this machine. */
export const FOREIGN_HOST = "foreign.test";

/** Starts Chromium, without a window. @throws where there is none, with how to get it. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? USUAL_PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      "The browser tests need Chromium, and it is in none of the usual places. On Debian and Ubuntu: " +
        "`apt-get install chromium-headless-shell`, or `chromium`. Elsewhere install Chromium or Chrome, and tell where it is: " +
        "`CHROMIUM=/path/to/chromium pnpm test:browser`.",
    );
  }
  // Its own sandbox cannot be had as root, nor in most containers; all that it visits is this machine.
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", `--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1`],
  });
}
