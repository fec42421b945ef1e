import { beforeEach, describe, expect, it } from "vitest";
import { FRAMEWORKS } from "./apps/frameworks.ts";
import { KV_LIKE, useApps } from "./apps/use-apps.ts";

const apps = useApps();
const { time, start, open, browse, requestsOf } = apps;

const LOGIN = "/login?username=ada&password=x";

/** What a `/slow` request waits for; `reached` resolves when it waits. */
function gate(): { slow: () => Promise<void>; reached: Promise<void>; open: () => void } {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    slow: () => {
      reached.resolve();
      return opened.promise;
    },
    reached: reached.promise,
    open: opened.resolve,
  };
}

describe.each(FRAMEWORKS)("%s, with a KV of one write a second and key", (_name, startApp) => {
  beforeEach(() => start());

  it("a login costs two requests at most, and the page that it redirects to knows the user", async () => {
    const browser = browse(await open(startApp));
    const requests = await requestsOf(async () => {
      expect((await browser.post(LOGIN)).body).toEqual({ user: "ada" });
    });
    expect(requests).toBeLessThanOrEqual(2);
    expect(apps.statuses).toEqual([302, 200]);
  });

  it("a login of somebody who has a session costs no more, and the id is a new one", async () => {
    const browser = browse(await open(startApp));
    await browser.get("/count");
    const before = browser.copy();
    // A second later: the key may be written again.
    time.advance(1000);
    expect(await requestsOf(() => browser.post(LOGIN))).toBeLessThanOrEqual(2);
    expect((await before.get("/")).body).toEqual({});
    expect((await browser.get("/")).body.user).toBe("ada");
  });

  it("a page of a known session costs nothing", async () => {
    const browser = browse(await open(startApp));
    await browser.post(LOGIN);
    const requests = await requestsOf(async () => {
      for (let i = 0; i < 20; i++) expect((await browser.get("/")).body).toEqual({ user: "ada" });
    });
    expect(requests).toBe(0);
  });

  it("a process that knows nothing yet reads a session once", async () => {
    const browser = browse(await open(startApp));
    await browser.post(LOGIN);
    const elsewhere = browser.copy((await open(startApp)).url);
    const requests = await requestsOf(() =>
      Promise.all(
        Array.from({ length: 6 }, async () => expect((await elsewhere.get("/")).body).toEqual({ user: "ada" })),
      ),
    );
    expect(requests).toBe(1);
  });

  it("the id that was logged out is refused, here and in a new process", async () => {
    const browser = browse(await open(startApp));
    await browser.post(LOGIN);
    const thief = browser.copy();
    await browser.post("/logout");
    expect((await thief.get("/")).body).toEqual({});
    expect((await thief.copy((await open(startApp)).url).get("/")).body).toEqual({});
    expect((await browser.get("/")).body).toEqual({});
  });

  it("six requests at once that change the session are six answers", async () => {
    const browser = browse(await open(startApp));
    await browser.post(LOGIN);
    const requests = await requestsOf(() => Promise.all(Array.from({ length: 6 }, () => browser.get("/count"))));
    expect(requests).toBeLessThanOrEqual(4);
    expect((await browser.get("/")).body).toMatchObject({ user: "ada" });
  });

  it("a slow request that saves after the logout brings nothing back", async () => {
    const { slow, reached, open: release } = gate();
    const browser = browse(await open(startApp, { slow }));
    await browser.post(LOGIN);
    const thief = browser.copy();
    const slowly = browser.copy().get("/slow");
    await reached;
    await browser.post("/logout");
    release();
    expect((await slowly).status).toBe(200);
    expect((await thief.get("/")).body).toEqual({});
    expect((await thief.copy((await open(startApp)).url).get("/")).body).toEqual({});
  });

  it("a rolling cookie is renewed with each answer, and costs nothing", async () => {
    const browser = browse(await open(startApp, { rolling: true, maxAge: 3_600_000 }));
    await browser.post(LOGIN);
    const requests = await requestsOf(async () => {
      for (let i = 0; i < 6; i++) {
        await browser.get("/");
        expect(browser.setCookies.length).toBeGreaterThan(0);
      }
    });
    expect(requests).toBe(0);
  });
});

describe.each(FRAMEWORKS)("%s, with a KV that takes a minute to agree", (_name, startApp) => {
  beforeEach(() => start({ ...KV_LIKE, consistency: "eventual" }));

  it("the process that wrote reads what it wrote", async () => {
    const browser = browse(await open(startApp));
    await browser.post(LOGIN);
    time.advance(1000);
    expect((await browser.get("/count")).body).toEqual({ user: "ada", views: 1 });
    expect((await browser.get("/")).body).toEqual({ user: "ada", views: 1 });
    time.advance(1000);
    const thief = browser.copy();
    await browser.post("/logout");
    expect((await thief.get("/")).body).toEqual({});
  });
});

describe.each(FRAMEWORKS)("%s, as time passes", (_name, startApp) => {
  beforeEach(() => start({}));

  it("a session is over with its cookie, to whoever still shows it", async () => {
    const browser = browse(await open(startApp, { maxAge: 30_000 }, { writeInterval: 0 }));
    await browser.post(LOGIN);
    time.advance(29_000);
    expect((await browser.get("/")).body).toEqual({ user: "ada" });
    time.advance(31_000);
    expect((await browser.get("/")).body).toEqual({});
  });

  it("a rolling session lives as long as it is used, though it is shorter than touchAfter", async () => {
    const app = await open(startApp, { maxAge: 120_000, rolling: true }, { writeInterval: 0 });
    const browser = browse(app);
    await browser.post(LOGIN);
    for (let i = 0; i < 10; i++) {
      time.advance(50_000);
      expect((await browser.get("/")).body).toEqual({ user: "ada" });
    }
    time.advance(121_000);
    expect((await browser.get("/")).body).toEqual({});
  });

  it("a rolling page costs a process that knows nothing yet no more than to read the session", async () => {
    const options = { maxAge: 3_600_000, rolling: true };
    const browser = browse(await open(startApp, options));
    await browser.post(LOGIN);
    const elsewhere = browser.copy((await open(startApp, options)).url);
    expect(await requestsOf(() => elsewhere.get("/"))).toBe(1);
  });

  it("to renew a rolling session costs a look and a write", async () => {
    const browser = browse(await open(startApp, { maxAge: 3_600_000, rolling: true }, { writeInterval: 0 }));
    await browser.post(LOGIN);
    time.advance(250_000);
    expect(await requestsOf(() => browser.get("/"))).toBe(1);
    time.advance(50_000);
    expect(await requestsOf(() => browser.get("/"))).toBe(2);
  });

  it("a page that renews a rolling session elsewhere undoes no logout", async () => {
    const options = { maxAge: 3_600_000, rolling: true };
    const [here, elsewhere] = await Promise.all([1, 2].map(() => open(startApp, options, { writeInterval: 0 })));
    const browser = browse(here!);
    await browser.post(LOGIN);
    time.advance(290_000);
    const thief = browser.copy(elsewhere!.url);
    expect((await thief.get("/")).body).toEqual({ user: "ada" });
    await browser.post("/logout");
    time.advance(20_000);
    // Served from the copy there, and due for a renewal.
    expect((await thief.get("/")).body).toEqual({ user: "ada" });
    expect((await thief.get("/")).body).toEqual({});
    expect((await thief.copy((await open(startApp)).url).get("/")).body).toEqual({});
  });
});
