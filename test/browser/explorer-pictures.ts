import { join } from "node:path";
import { createClient } from "@kvplug/core";
import type { Browser, Page } from "playwright-core";
import { kvplug } from "../../packages/cli/test/command.ts";

const DESKTOP = { width: 1180, height: 720 };
const PHONE = { width: 390, height: 760 };
const DAY_SECONDS = 86_400;

/** Takes the pictures of the page of `kvplug serve`, in both schemes. */
export async function takeExplorerPictures(browser: Browser, folder: string): Promise<void> {
  await using served = kvplug([
    "serve",
    "--port",
    "0",
    "--namespace",
    "sessions=sessions",
    "--namespace",
    "pages=pages",
  ]);
  const baseURL = await served.stdout.said(/http:\S+\/client\/v4(?=\n)/);
  const link = await served.stdout.said(/(?<=open )http:\S+(?=\n)/);
  await using client = createClient({ baseURL, accountId: "local", apiToken: "any" });
  const kv = client.kv("sessions");
  const people = ["ada", "bob", "eve", "grace", "linus", "margaret"];
  await kv.putMany(
    Array.from({ length: 1200 }, (_, i) => ({
      key: `session:${people[i % people.length]}:${(i * 7919).toString(16).padStart(6, "0")}`,
      value: "{}",
      expirationTtl: 600 + i * 60,
    })),
  );
  const pairs = people.map((name, i) => ({
    key: `user:${name}`,
    value: JSON.stringify({
      name,
      plan: i % 2 ? "free" : "pro",
      seats: 3 + i,
      tags: ["early", "beta"],
      address: null,
    }),
    metadata: { plan: i % 2 ? "free" : "pro" },
    expirationTtl: (i + 1) * DAY_SECONDS,
  }));
  await kv.putMany(pairs);
  for (const [colorScheme, suffix] of [
    ["light", ""],
    ["dark", "-dark"],
  ] as const) {
    const page = await browser.newPage({ viewport: DESKTOP, colorScheme });
    const picture = (of: Page, name: string): Promise<unknown> =>
      of.screenshot({ path: join(folder, `explorer${name}${suffix}.png`) });
    await page.goto(`${link}#/ns/sessions/key/user%3Aada`);
    await page.getByText("1,206 keys").first().waitFor();
    await page.locator(".toolbar").getByRole("button", { name: "Tree" }).click();
    await page.getByRole("treeitem", { name: "user:" }).click();
    await page.getByRole("treeitem", { name: "session:" }).click();
    await page.locator(".json").waitFor();
    await picture(page, "");

    await page.getByRole("link", { name: "Live" }).click();
    await page.getByRole("button", { name: "Inject" }).waitFor();
    for (const name of people) await kv.getWithMetadata(`user:${name}`);
    const [{ key, value, ...options }] = pairs as [(typeof pairs)[number]];
    await kv.put(key, value, options);
    await kv.get("user:nobody");
    await page.getByRole("log").getByText("user:nobody").first().waitFor();
    await picture(page, "-live");
    await page.close();

    const phone = await browser.newPage({ viewport: PHONE, colorScheme, deviceScaleFactor: 2 });
    await phone.goto(`${link}#/ns/sessions`);
    await phone.getByText("1,206 keys").first().waitFor();
    await phone.locator("#search").fill("user");
    await phone.getByText("6 of 1,206 keys").waitFor();
    await picture(phone, "-phone");
    await phone.close();
  }
}
