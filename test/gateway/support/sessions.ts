import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type RunningGateway } from "../../support/gateway.ts";
import { Browser } from "../../support/browser.ts";
import { FRAMEWORKS } from "../../session/apps/frameworks.ts";
import type { App, StartApp } from "../../session/apps/app.ts";

const LOGIN = "/login?username=ada&password=x";

/** Has each framework keep its sessions behind a gateway; `crowd` is how many log in at once. */
export function describeSessions(crowd: number): void {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  /** Two processes with the same app, as far as KV can tell. */
  async function withTwo(startApp: StartApp, run: (one: App, other: App) => Promise<void>): Promise<void> {
    const drivers = [gateway.open(), gateway.open()];
    const apps = await Promise.all(drivers.map((kv) => startApp({ kv })));
    try {
      await run(apps[0]!, apps[1]!);
    } finally {
      await Promise.all(apps.map((app) => app.close()));
      await Promise.all(drivers.map((kv) => kv.close()));
    }
  }

  describe.each(FRAMEWORKS)("%s over a gateway", (_name, startApp) => {
    it("knows who logged in, here and in another process, while many pages change the session", () =>
      withTwo(startApp, async (one, other) => {
        const statuses: number[] = [];
        const browser = new Browser(one.url, statuses);
        expect((await browser.post(LOGIN)).body).toEqual({ user: "ada" });
        expect((await browser.copy(other.url).get("/")).body).toEqual({ user: "ada" });
        await Promise.all(Array.from({ length: 6 }, () => browser.get("/count")));
        expect((await browser.get("/")).body).toMatchObject({ user: "ada", views: expect.any(Number) });
        expect(statuses.filter((status) => status === 429 || status >= 500)).toEqual([]);
      }));

    it("refuses the cookie of who logged out, here and in another process", () =>
      withTwo(startApp, async (one, other) => {
        const browser = new Browser(one.url, []);
        await browser.post(LOGIN);
        const thief = browser.copy();
        await browser.post("/logout");
        expect((await thief.get("/")).body).toEqual({});
        expect((await thief.copy(other.url).get("/")).body).toEqual({});
      }));

    it(`lets ${crowd} log in at once, and knows each of them elsewhere`, () =>
      withTwo(startApp, async (one, other) => {
        const names = Array.from({ length: crowd }, (_, i) => `user-${i}`);
        const users = await Promise.all(
          names.map(async (name) => {
            const browser = new Browser(one.url, []);
            await browser.post(`/login?username=${name}&password=x`);
            return (await browser.copy(other.url).get("/")).body.user;
          }),
        );
        expect(users).toEqual(names);
      }));
  });
}
