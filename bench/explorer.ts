/**
 * The same jobs in two pages over the same data, those of `wrangler dev` with 2,000 keys: wrangler's local explorer, and
 * `kvplug ui --wrangler`. Chromium does them as a user would. `pnpm bench:explorer` takes two minutes, most of which
 * wrangler needs to write the keys; clicks and keystrokes are exact, seconds are those of one run. Each job begins in the
 * opened namespace. It needs Chromium, as the browser tests do.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { launchChromium } from "../test/browser/chromium.ts";
import { Wrangler } from "../test/support/wrangler.ts";
import { Hand, type Effort, type Page } from "./explorer-hand.ts";
import { count, table } from "./format.ts";

const KEYS = 2000;
/** For hangs. */
const PATIENCE_MS = 60_000;
const MAIN = join(import.meta.dirname, "../packages/cli/src/main.ts");
const LOCAL = ["--binding", "KV", "--local"] as const;

/** A job, or why it cannot be done. */
interface Job {
  readonly name: string;
  readonly wrangler: ((hand: Hand) => Promise<void>) | string;
  readonly kvplug: (hand: Hand) => Promise<void>;
}

const nameOf = (i: number): string => `user:${String(i).padStart(5, "0")}:profile`;
const valueOf = (i: number): string => JSON.stringify({ id: i, mail: `user-${i}@example.com`, plan: "free" });
/** Each page has keys of its own to change and to delete. */
const CHANGED = { wrangler: 1471, kvplug: 1472 } as const;
const DELETED = { wrangler: [1701, 1702, 1703], kvplug: [1801, 1802, 1803] } as const;

await using wrangler = await Wrangler.open();
await wrangler.install();
await wrangler.file("index.js", "export default { fetch: () => new Response() };");
const bound = [{ binding: "KV", id: "kv" }];
const configuration = { name: "app", main: "index.js", compatibility_date: "2026-01-01", kv_namespaces: bound };
await wrangler.file("wrangler.json", JSON.stringify(configuration));
const pairs = Array.from({ length: KEYS }, (_, i) => ({
  key: nameOf(i),
  value: valueOf(i),
  metadata: { plan: "free" },
  expiration_ttl: 86_400,
}));
await wrangler.run(["kv", "bulk", "put", await wrangler.file("pairs.json", JSON.stringify(pairs)), ...LOCAL]);

await using dev = await wrangler.dev();
const API = new URL("/cdn-cgi/local/explorer/api/storage/kv/namespaces/kv/", dev.url);

/** What wrangler lists of a key; `undefined` where there is none. */
async function find(name: string): Promise<{ metadata?: unknown; expiration?: number } | undefined> {
  const response = await fetch(new URL(`keys?prefix=${encodeURIComponent(name)}`, API));
  const { result } = (await response.json()) as { result: { metadata?: unknown; expiration?: number }[] };
  return result[0];
}

const isKept = (i: number) => async (): Promise<string | undefined> => {
  const value = await (await fetch(new URL(`values/${encodeURIComponent(nameOf(i))}`, API))).text();
  if (!value.includes('"pro"')) return "not changed";
  const { metadata, expiration } = (await find(nameOf(i))) ?? {};
  const lost = [...(metadata ? [] : ["metadata"]), ...(expiration ? [] : ["expiration"])];
  return lost.length === 0 ? undefined : `loses ${lost.join(" and ")}`;
};

const areGone = (keys: readonly number[]) => async (): Promise<string | undefined> => {
  const found = await Promise.all(keys.map((i) => find(nameOf(i))));
  return found.every((one) => one === undefined) ? undefined : "some are left";
};

/** Finds a key by the prefix that is its name. */
const search = {
  async wrangler(hand: Hand, prefix: string): Promise<void> {
    await hand.click(hand.page.locator("#search-prefix"));
    await hand.type(prefix);
    await hand.press("Enter");
  },
  async kvplug(hand: Hand, prefix: string): Promise<void> {
    await hand.press("p");
    await hand.type(prefix);
    await hand.press("Enter");
  },
};

const rowOf = (hand: Hand, i: number) => hand.page.locator(".row", { hasText: nameOf(i) });
const cellOf = (hand: Hand, i: number) => hand.page.locator("tr", { hasText: nameOf(i) });

const jobs: readonly Job[] = [
  {
    name: "find a key by its prefix",
    async wrangler(hand) {
      await search.wrangler(hand, "user:01876");
      await cellOf(hand, 1876).waitFor();
    },
    async kvplug(hand) {
      await search.kvplug(hand, "user:01876");
      await rowOf(hand, 1876).waitFor();
    },
  },
  {
    name: "find a key by a part of its name",
    wrangler: "cannot: by prefix only",
    async kvplug(hand) {
      await hand.press("/");
      await hand.type("876:p");
      await rowOf(hand, 1876).waitFor();
    },
  },
  {
    name: "find a key and read its value",
    async wrangler(hand) {
      await search.wrangler(hand, "user:01876");
      await hand.page.getByText("user-1876@example.com").waitFor();
    },
    async kvplug(hand) {
      await search.kvplug(hand, "user:01876");
      await hand.click(rowOf(hand, 1876));
      await hand.page.getByText("user-1876@example.com").waitFor();
    },
  },
  {
    name: "change a value, keep metadata and expiration",
    async wrangler(hand) {
      await search.wrangler(hand, nameOf(CHANGED.wrangler));
      await hand.click(cellOf(hand, CHANGED.wrangler).getByRole("button", { name: "Actions" }));
      await hand.click(hand.page.getByRole("menuitem", { name: "Edit" }));
      await hand.click(hand.page.locator(`[id="edit-value-${nameOf(CHANGED.wrangler)}"]`));
      await hand.press("Control+a");
      await hand.type('{"plan":"pro"}');
      await hand.click(hand.button("Save"));
      await hand.page.getByText('{"plan":"pro"}').first().waitFor();
      await hand.button("Save").waitFor({ state: "detached" });
    },
    async kvplug(hand) {
      await search.kvplug(hand, nameOf(CHANGED.kvplug));
      await hand.click(rowOf(hand, CHANGED.kvplug));
      await hand.page.locator(".facts-list").waitFor();
      await hand.press("e");
      await hand.page.locator(".cm-focused").waitFor();
      await hand.press("Control+a");
      await hand.type('{"plan":"pro"');
      await hand.press("Control+s");
      await hand.click(hand.page.getByRole("dialog").getByRole("button", { name: "Write" }));
      await hand.page.getByRole("dialog").waitFor({ state: "detached" });
    },
  },
  {
    name: "delete three keys of a prefix",
    async wrangler(hand) {
      await search.wrangler(hand, "user:0170");
      for (const i of DELETED.wrangler) {
        await hand.click(cellOf(hand, i).getByRole("button", { name: "Actions" }));
        await hand.click(hand.page.getByRole("menuitem", { name: "Delete" }));
        await hand.click(hand.page.getByRole("dialog").getByRole("button", { name: "Delete" }));
        await cellOf(hand, i).waitFor({ state: "detached" });
      }
    },
    async kvplug(hand) {
      await search.kvplug(hand, "user:0180");
      for (const i of DELETED.kvplug) await hand.click(rowOf(hand, i).locator(".check"));
      await hand.press("Delete");
      await hand.click(hand.page.getByRole("dialog").getByRole("button", { name: "Delete" }));
      for (const i of DELETED.kvplug) await rowOf(hand, i).waitFor({ state: "detached" });
    },
  },
  {
    name: `export all ${count(KEYS)}`,
    wrangler: "cannot",
    async kvplug(hand) {
      await hand.click(hand.page.getByText("More", { exact: true }));
      const download = hand.page.waitForEvent("download");
      await hand.click(hand.page.getByText("Export all keys"));
      await (await download).path();
    },
  },
];

/** Tells after a job in one of the pages what is not as it was wanted. */
const checks: Readonly<Record<string, Readonly<Record<"wrangler" | "kvplug", () => Promise<string | undefined>>>>> = {
  "change a value, keep metadata and expiration": {
    wrangler: isKept(CHANGED.wrangler),
    kvplug: isKept(CHANGED.kvplug),
  },
  "delete three keys of a prefix": { wrangler: areGone(DELETED.wrangler), kvplug: areGone(DELETED.kvplug) },
};

const ui = spawn(process.execPath, [MAIN, "ui", "--wrangler"], {
  cwd: wrangler.folder,
  stdio: ["ignore", "pipe", "inherit"],
});
const ended = once(ui, "exit");
let said = "";
for await (const text of ui.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
  said += text;
  if (said.includes("Ctrl-C")) break;
}
ui.stdout.resume();
const link = /http:\S+session=\S+/.exec(said)![0];

const browser = await launchChromium();
const open = {
  async wrangler(page: Page): Promise<void> {
    await page.goto(new URL("/cdn-cgi/local/explorer/kv/kv", dev.url).href);
    await page.getByText(nameOf(0)).waitFor();
  },
  async kvplug(page: Page): Promise<void> {
    await page.goto(link);
    await page.getByRole("main").getByRole("link", { name: "KV" }).click();
    await page.getByText(nameOf(0)).waitFor();
  },
};

const rows: string[][] = [];
for (const { name, ...does } of jobs) {
  const row = [name];
  for (const tool of ["wrangler", "kvplug"] as const) row.push(textOf(await effortOf(tool, does[tool], checks[name])));
  rows.push(row);
}
console.log(table(["", "wrangler's explorer", "`kvplug ui --wrangler`"], rows));

await browser.close();
ui.kill("SIGINT");
await ended;

async function effortOf(
  tool: "wrangler" | "kvplug",
  run: ((hand: Hand) => Promise<void>) | string,
  check: (typeof checks)[string] | undefined,
): Promise<Effort> {
  if (typeof run === "string") return run;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  context.setDefaultTimeout(PATIENCE_MS);
  const hand = new Hand(await context.newPage());
  await open[tool](hand.page);
  const begun = performance.now();
  await run(hand);
  const seconds = (performance.now() - begun) / 1000;
  await context.close();
  const wrong = await check?.[tool]();
  const { clicks, keystrokes } = hand;
  return { clicks, keystrokes, seconds, wrong };
}

function textOf(effort: Effort): string {
  if (typeof effort === "string") return effort;
  const { clicks, keystrokes, seconds, wrong } = effort;
  const took = `${clicks} ${clicks === 1 ? "click" : "clicks"}, ${keystrokes} keys, ${seconds.toFixed(1)} s`;
  return wrong === undefined ? took : `${took}; ${wrong}`;
}
