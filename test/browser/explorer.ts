import { createClient, type KV, type KVClient } from "@kvplug/core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import { kvplug, type Command } from "../../packages/cli/test/command.ts";
import { temporaryFile } from "../../packages/cli/test/temporary-file.ts";

/** However slow the machine is: this is for hangs. */
const PATIENCE_MS = 60_000;

/** A running `kvplug serve` with its page, and a client of its API. */
export class Explored implements AsyncDisposable {
  readonly command: Command;
  /** The address of the page, as it was printed. */
  readonly link: string;
  readonly apiURL: string;
  readonly client: KVClient;

  private constructor(command: Command, link: string, apiURL: string, token: string) {
    this.command = command;
    this.link = link;
    this.apiURL = apiURL;
    this.client = createClient({ baseURL: apiURL, accountId: "local", apiToken: token, writeInterval: 0 });
  }

  static async serve(args: readonly string[] = [], token = "any"): Promise<Explored> {
    const env = { XDG_STATE_HOME: await temporaryFile() };
    const command = kvplug(["serve", "--port", "0", "--namespace", "main=main", ...args], env);
    const apiURL = await command.stdout.said(/http:\S+\/client\/v4(?=\n)/);
    const link = await command.stdout.said(/(?<=open )http:\S+(?=\n)/);
    return new Explored(command, link, apiURL, token);
  }

  /** The namespace `main`. */
  get kv(): KV {
    return this.client.kv("main");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.command[Symbol.asyncDispose]();
  }
}

/** A running `kvplug ui`. */
export async function startUi(args: readonly string[]): Promise<Command & { readonly link: string }> {
  const command = kvplug(["ui", ...args], { XDG_STATE_HOME: await temporaryFile() });
  const link = await command.stdout.said(/http:\S+session=\S+/);
  return { ...command, link };
}

/** A page in a browser of its own, with what its scripts and its content security policy complained of. */
export class Visit implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[] = [];
  /** What was asked of others than the page's own origin. */
  readonly foreign: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    context.on("weberror", (error) => this.complaints.push(String(error.error())));
    context.on("console", (message) => {
      // What is refused, and a server that is gone, is told so.
      if (message.type() === "error" && !/Failed to load|ERR_/.test(message.text()))
        this.complaints.push(message.text());
    });
  }

  static async to(browser: Browser, link: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Visit> {
    const context = await browser.newContext({ acceptDownloads: true, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const visit = new Visit(context, await context.newPage());
    const { origin } = new URL(link);
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !url.startsWith("blob:") && !url.startsWith("data:")) visit.foreign.push(url);
    });
    await visit.page.goto(link);
    return visit;
  }

  /** The namespace of a title, opened from the list. */
  async open(title: string): Promise<void> {
    await this.page.getByRole("main").getByRole("link", { name: title }).click();
    await this.page.locator(".list-side").waitFor();
  }

  press(name: string | RegExp): Promise<void> {
    return this.page.getByRole("button", { name, exact: typeof name === "string" }).click();
  }

  /** The names that are drawn, as they read. */
  rows(): Promise<string[]> {
    return this.page.locator(".row > .name").allInnerTexts();
  }

  async expectRows(names: readonly string[]): Promise<void> {
    await expect.poll(() => this.rows(), { timeout: PATIENCE_MS }).toEqual(names);
  }

  /** Opens a key of those that are drawn. */
  async openKey(name: string): Promise<void> {
    await this.page.locator(".row", { hasText: name }).first().click();
    await this.page.locator(".facts-list").waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    expect(this.complaints).toEqual([]);
    expect(this.foreign).toEqual([]);
  }
}
