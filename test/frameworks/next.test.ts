import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { clear, listAll } from "../support/namespace.ts";
import { StoppableServer } from "../support/stoppable-server.ts";
import { buildApp, type AppShape, type BuiltApp } from "./support/app.ts";
import { Instance, Origin } from "./support/next-apps.ts";

const TOKEN = "token-of-the-apps-0123456789";
const root = join(import.meta.dirname, "../..");

const STANDALONE: AppShape = { output: ".next/standalone", entry: "server.js", hostOption: "--hostname" };

let origin: Origin;
let server: StoppableServer;
beforeAll(async () => {
  origin = await Origin.start();
  server = await StoppableServer.start({ token: TOKEN, namespaces: ["test"] });
});
beforeEach(async () => {
  await clear(server.server.kv("test"));
});
afterAll(async () => {
  await origin[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const account = (): Record<string, string> => ({
  ORIGIN: origin.url,
  CLOUDFLARE_API_BASE_URL: server.url,
  CLOUDFLARE_ACCOUNT_ID: server.server.account,
  CLOUDFLARE_KV_NAMESPACE_ID: server.server.namespaces[0]!.id,
  CLOUDFLARE_API_TOKEN: TOKEN,
});
/** What other instances do is seen soon. */
const eager = (): Record<string, string> => ({ ...account(), KVPLUG_NEXT_TTL: "300", KVPLUG_NEXT_TAG_TTL: "100" });
/** What other instances do is not seen within a test. */
const ignorant = (): Record<string, string> => ({
  ...account(),
  KVPLUG_NEXT_TTL: "600000",
  KVPLUG_NEXT_TAG_TTL: "600000",
});
const keys = async (prefix: string): Promise<string[]> =>
  (await listAll(server.server.kv("test"), { prefix })).map(({ name }) => name);

/** An app with what Next 15 and 16 have in common; it is tested as `output: "standalone"`. */
const releases = {
  "Next 16, by webpack": { hasMax: true, script: "build:webpack", versions: {} },
  "Next 15.5": { hasMax: false, script: "build", versions: { next: "^15.5.0" } },
};

describe.each(Object.entries(releases))("%s", (_release, { hasMax, script, versions }) => {
  let app: BuiltApp;
  beforeAll(async () => {
    const source = join(import.meta.dirname, "apps/next");
    app = await buildApp(source, inject("tarballs"), { ORIGIN: origin.url }, { ...STANDALONE, script, versions });
    // As the documentation of `standalone` says.
    await cp(join(app.folder, "public"), join(app.folder, ".next/standalone/public"), { recursive: true });
    return () => app.remove();
  });

  const start = (env = eager()): Promise<Instance> => Instance.start(app, env);
  const both = (env = eager()): Promise<[Instance, Instance]> => Promise.all([start(env), start(env)]);

  test("the build says nothing of KV", () => {
    expect(app.buildLog).not.toContain("kvplug");
  });

  test("a page that one instance made is served by the others, and after a restart", async () => {
    const [one, other] = await both();
    const { made } = await one.see("/static");
    await eventually(async () => expect(await keys("next:page:")).not.toEqual([]));
    expect(await other.see("/static")).toMatchObject({ made, cache: "HIT" });
    await one.stop();
    expect(await (await start()).see("/static")).toMatchObject({ made, cache: "HIT" });
  });

  test("bytes that are no text come back as they were", async () => {
    const [one, other] = await both();
    const first = await one.fetch("/raw");
    const bytes = Buffer.from(await first.arrayBuffer());
    expect(bytes).toEqual(Buffer.from([137, 80, 78, 71, 255, 0, 1, 128]));
    await eventually(async () => expect(await keys("next:page:")).not.toEqual([]));
    const second = await other.fetch("/raw");
    expect(Buffer.from(await second.arrayBuffer())).toEqual(bytes);
    expect(second.headers.get("x-made")).toBe(first.headers.get("x-made"));
    expect(second.headers.get("content-type")).toBe("image/png");
  });

  test("a page past its time is served, made anew by one, and then seen by all", async () => {
    const [one, other] = await both();
    const { made } = await one.see("/isr");
    const next = await eventually(async () => {
      const seen = await one.see("/isr");
      expect(seen.made).not.toBe(made);
      return seen;
    });
    await eventually(async () => {
      const seen = await other.see("/isr");
      expect(seen.made).not.toBe(made);
      expect([seen.made, (await one.see("/isr")).made]).toContain(seen.made);
    });
    expect(next.data).toMatch(/^v\d/);
  });

  test("a tag that is invalidated is never served again here, and soon not elsewhere", async () => {
    const [one, other] = await both();
    const { made, data } = await one.see("/static");
    await eventually(async () => expect((await other.see("/static")).made).toBe(made));
    origin.version++;
    await one.post("/revalidate?tag=static");
    const next = await one.see("/static");
    expect(next.made).not.toBe(made);
    expect(next.data).not.toBe(data);
    await eventually(async () => expect((await other.see("/static")).data).toBe(next.data));
    // Whoever made it last: in the end all have the same.
    await eventually(async () => expect((await other.see("/static")).made).toBe((await one.see("/static")).made));
  });

  test.runIf(hasMax)('revalidateTag(tag, "max"): what is there is served while it is made anew', async () => {
    const [one, other] = await both();
    const { made, data } = await one.see("/static");
    await eventually(async () => expect((await other.see("/static")).made).toBe(made));
    origin.version++;
    await one.post("/revalidate?tag=static&max");
    expect(await one.see("/static")).toMatchObject({ made, data });
    const fresh = `v${origin.version}`;
    await eventually(async () => expect((await one.see("/static")).data).toBe(fresh));
    await eventually(async () => expect((await other.see("/static")).data).toBe(fresh));
  });

  test("a path that is invalidated is made anew, everywhere", async () => {
    const [one, other] = await both();
    const { made } = await one.see("/static");
    await eventually(async () => expect((await other.see("/static")).made).toBe(made));
    await one.post("/revalidate?path=/static");
    expect((await one.see("/static")).made).not.toBe(made);
    await eventually(async () => expect((await other.see("/static")).made).not.toBe(made));
  });

  test("a page that was made in ignorance of an invalidation is not served by who knows of it", async () => {
    const one = await start();
    const ignorantOne = await start(ignorant());
    // It has a copy of the data of both tags, and believes it.
    await ignorantOne.see("/mixed-too");
    await ignorantOne.see("/mixed");
    const before = `v${origin.version}`;
    origin.version++;
    const after = `v${origin.version}`;
    await one.post("/revalidate?tag=mixed-one");
    // One tag it has yet to hear of; by the other it makes the page anew, of its old copy, after the invalidation.
    await ignorantOne.post("/revalidate?tag=mixed-other");
    expect((await ignorantOne.see("/mixed")).data).toBe(`${before} ${after}`);
    const poisoned = await eventually(async () => {
      const stored = await server.server.kv("test").get((await keys("next:page:")).find((key) => key.endsWith("/mixed"))!);
      expect(stored).toContain(`${before} ${after}`);
      return stored;
    });
    expect(poisoned).not.toBeNull();
    await eventually(async () => expect((await one.see("/mixed")).data).toBe(`${after} ${after}`));
    expect((await one.see("/mixed")).data).toBe(`${after} ${after}`);
  });

  test("ten tagged fetches of a page cost one request for what is there, with their tags", async () => {
    const [one, other] = await both({ ...account() });
    const { data } = await one.see("/ten");
    await eventually(async () => expect(await keys("next:fetch:")).toHaveLength(10));
    const asked = origin.asked.get("/ten/0");
    server.server.requests.reset();
    expect((await other.see("/ten")).data).toBe(data);
    expect(origin.asked.get("/ten/0")).toBe(asked);
    expect(server.server.requests.total).toBeLessThanOrEqual(2);
  });

  test("unstable_cache is shared, and its tag invalidates it", async () => {
    const [one, other] = await both();
    const { data, made } = await one.see("/data");
    await eventually(async () => expect(await keys("next:fetch:")).toHaveLength(1));
    origin.version++;
    const seen = await other.see("/data");
    expect(seen).toMatchObject({ data });
    expect(seen.made).not.toBe(made);
    await other.post("/revalidate?tag=data");
    expect((await other.see("/data")).data).toBe(`v${origin.version}`);
    await eventually(async () => expect((await one.see("/data")).data).toBe(`v${origin.version}`));
  });

  test("no-store asks the origin each time, and stores nothing", async () => {
    const one = await start();
    const asked = origin.asked.get("/fresh") ?? 0;
    await one.see("/fresh");
    await one.see("/fresh");
    expect(origin.asked.get("/fresh")).toBe(asked + 2);
    expect(await keys("next:")).toEqual([]);
  });

  test("draft mode sees what is there now, and leaves what is published alone", async () => {
    const one = await start();
    const published = await one.see("/draft");
    expect(published.text).toContain("published");
    origin.version++;
    const cookie = (await one.fetch("/draft/on")).headers.getSetCookie()[0]!.split(";")[0]!;
    const draft = await one.see("/draft", { headers: { cookie } });
    expect(draft.text).toContain("draft");
    expect(draft.data).toBe(`v${origin.version}`);
    expect((await one.see("/draft", { headers: { cookie } })).made).not.toBe(draft.made);
    expect(await one.see("/draft")).toMatchObject({ made: published.made, data: published.data });
  });

  test("who changes something by an action sees it at once", async () => {
    const [one, other] = await both();
    const { data } = await one.see("/form");
    origin.version++;
    expect((await one.see("/form")).data).toBe(data);
    expect((await one.send("/form")).data).toBe(`v${origin.version}`);
    expect((await one.see("/form")).data).toBe(`v${origin.version}`);
    await eventually(async () => expect((await other.see("/form")).data).toBe(`v${origin.version}`));
  });

  test.runIf(hasMax)("an image is optimised once", async () => {
    const [one, other] = await both();
    const image = async (instance: Instance): Promise<[string | null, Buffer]> => {
      const response = await instance.fetch("/_next/image?url=%2Fdot.png&w=64&q=75", { headers: { accept: "image/webp" } });
      expect(response.status).toBe(200);
      return [response.headers.get("x-nextjs-cache"), Buffer.from(await response.arrayBuffer())];
    };
    const [first, bytes] = await image(one);
    expect(first).toBe("MISS");
    await eventually(async () => expect(await keys("next:image:")).toHaveLength(1));
    expect(await image(other)).toEqual(["HIT", bytes]);
  });

  describe("Pages Router", () => {
    test("a page is shared, and made anew on demand", async () => {
      const [one, other] = await both();
      const { made } = await one.see("/pages/a");
      await eventually(async () => expect(await keys("next:page:")).toHaveLength(1));
      expect((await other.see("/pages/a")).made).toBe(made);
      origin.version++;
      expect((await one.fetch("/api/revalidate?path=/pages/a")).status).toBe(200);
      const next = await one.see("/pages/a");
      expect(next.data).toBe(`v${origin.version}`);
      await eventually(async () => expect((await other.see("/pages/a")).made).toBe(next.made));
    });

    test("a page past its time is made anew", async () => {
      const one = await start();
      const { made } = await one.see("/pages/brief");
      await eventually(async () => expect((await one.see("/pages/brief")).made).not.toBe(made));
    });

    test("what is not found, and what has moved, is kept as well", async () => {
      const [one, other] = await both();
      for (const instance of [one, other]) {
        expect((await instance.fetch("/pages/missing")).status).toBe(404);
        const moved = await instance.fetch("/pages/moved", { redirect: "manual" });
        expect([moved.status, moved.headers.get("location")]).toEqual([307, "/pages/built"]);
        await eventually(async () => expect(await keys("next:page:")).toHaveLength(2));
      }
    });
  });

  test("without credentials it is as Next is by itself: what the build made is served", async () => {
    const one = await start({ ORIGIN: origin.url });
    const { made, cache } = await one.see("/static");
    expect(cache).toBe("HIT");
    expect((await one.see("/static")).made).toBe(made);
    await one.post("/revalidate?tag=static");
    expect((await one.see("/static")).made).not.toBe(made);
    expect(one.log().match(/\[@kvplug\/next\].*/g)).toEqual([expect.stringContaining("CLOUDFLARE_KV_NAMESPACE_ID")]);
  });

  test("with a token that is refused, pages are served, and one line says why", async () => {
    const one = await start({ ...eager(), CLOUDFLARE_API_TOKEN: "revoked" });
    const { made } = await one.see("/static");
    await one.see("/isr");
    await one.see("/data");
    expect((await one.see("/static")).made).toBe(made);
    const lines = one.log().match(/\[@kvplug\/next\].*/g)!;
    expect(lines.length).toBeLessThanOrEqual(2);
    expect(lines[0]).toContain("KV_AUTH");
    expect(one.log()).not.toContain("revoked");
  });

  test("in development it is as Next is by itself", async () => {
    const running = await app.develop(account());
    const one = new Instance(running);
    try {
      await eventually(() => one.see("/static"));
      expect(await keys("")).toEqual([]);
    } finally {
      await running.stop();
    }
  });

  // The last one: it takes the server away.
  test("with KV away pages are served, new ones too, and shared again when it is back", async () => {
    const [one, other] = await both();
    const { made } = await one.see("/static");
    await eventually(async () => expect((await other.see("/static")).made).toBe(made));
    await server.stop();
    expect((await one.see("/static")).made).toBe(made);
    expect((await other.see("/static")).made).toBe(made);
    const alone = await one.see("/pages/away");
    await eventually(async () => expect((await one.see("/pages/away")).made).toBe(alone.made));
    // One line for what is read, and one for what is written, a minute.
    expect(one.log().match(/\[@kvplug\/next\]/g)!.length).toBeLessThanOrEqual(4);
    await server.startAgain();
    await eventually(async () => {
      const { made: shared } = await one.see("/pages/back");
      expect((await other.see("/pages/back")).made).toBe(shared);
    });
  });
});

/** The example, with what is new in Next 16. It is tested as `next start` runs it. */
describe("examples/next, by Turbopack", () => {
  let app: BuiltApp;
  beforeAll(async () => {
    app = await buildApp(join(root, "examples/next"), inject("tarballs"), {}, {
      output: ".next",
      entry: "../node_modules/next/dist/bin/next",
      args: ["start"],
      hostOption: "--hostname",
    });
    return () => app.remove();
  });

  const start = (env = eager()): Promise<Instance> => Instance.start(app, env);

  test("the first instance puts what the build rendered into KV, in one write; the first visitor finds it", async () => {
    server.server.requests.reset();
    const one = await start();
    const [, made] = /made ([\da-f-]{36})/.exec(await readFile(join(app.folder, ".next/server/app/index.html"), "utf8"))!;
    expect((await one.see("/")).made).toBe(made);
    expect(await keys("next:seeded:")).toHaveLength(1);
    expect(server.server.requests.byRoute["PUT /:namespace/bulk"]).toBe(1);
    expect((await (await start()).see("/")).made).toBe(made);
    expect(server.server.requests.byRoute["PUT /:namespace/bulk"]).toBe(1);
  });

  test("what a function with `use cache` returned is shared, and its tag invalidates it and the page", async () => {
    const [one, other] = [await start(), await start()];
    const { made } = await one.see("/");
    await one.post("/revalidate?tag=news&now");
    const next = await one.see("/");
    expect(next.made).not.toBe(made);
    await eventually(async () => expect((await other.see("/")).made).toBe((await one.see("/")).made));
    expect((await other.see("/")).made).not.toBe(made);
  });

  test("`use cache: remote` is shared and survives a restart", async () => {
    const one = await start();
    const { made } = await one.see("/user/ada");
    await eventually(async () => expect(await keys("next:use:")).not.toEqual([]));
    await one.stop();
    const other = await start();
    expect((await other.see("/user/ada")).made).toBe(made);
    expect((await other.see("/user/bob")).made).not.toBe(made);
    const long = `/user/${"x".repeat(700)}`;
    expect((await other.see(long)).made).toBe((await other.see(long)).made);
  });

  test('revalidateTag(tag, "max") of it: what is there is served while it is made anew', async () => {
    const [one, other] = [await start(), await start()];
    const { made } = await one.see("/user/ada");
    await eventually(async () => expect((await other.see("/user/ada")).made).toBe(made));
    await one.post("/revalidate?tag=users");
    expect((await one.see("/user/ada")).made).toBe(made);
    await eventually(async () => expect((await one.see("/user/ada")).made).not.toBe(made));
    await eventually(async () => expect((await other.see("/user/ada")).made).toBe((await one.see("/user/ada")).made));
  });

  test("updateTag: who sends the form sees the new page at once", async () => {
    const [one, other] = [await start(), await start()];
    const { made } = await one.see("/");
    expect((await one.send("/")).made).not.toBe(made);
    await eventually(async () => expect((await other.see("/")).made).not.toBe(made));
  });

  test("1,000 views of a page on two instances cost a request a minute for it, and one in ten seconds for its tags", async () => {
    const [one, other] = [await start(account()), await start(account())];
    await one.see("/");
    server.server.requests.reset();
    const begun = performance.now();
    for (let i = 0; i < 100; i++) {
      await Promise.all(Array.from({ length: 10 }, (_, j) => (j % 2 === 0 ? one : other).see("/")));
    }
    const seconds = (performance.now() - begun) / 1000;
    const each = 1 + Math.ceil(seconds / 60) + 1 + Math.ceil(seconds / 10);
    console.log(`1,000 views in ${seconds.toFixed(1)} s: ${server.server.requests.total} requests`);
    expect(server.server.requests.total).toBeLessThanOrEqual(2 * each);
  });

  test("2,000 pages are seeded in one write", async () => {
    const pages = Array.from({ length: 2_000 }, (_, i) => `/page-${i}`);
    const folder = join(app.folder, "big");
    await cp(join(app.folder, ".next/BUILD_ID"), join(folder, "BUILD_ID"), { recursive: true });
    const routes = Object.fromEntries(pages.map((page) => [page, { initialRevalidateSeconds: 60 }]));
    await writeFile(join(folder, "prerender-manifest.json"), JSON.stringify({ routes }));
    for (const page of pages) {
      for (const [ending, text] of [
        ["html", `<p>${page}</p>${"x".repeat(5_000)}`],
        ["rsc", "0:{}"],
        ["meta", JSON.stringify({ headers: {} })],
      ]) {
        await cp(join(folder, "BUILD_ID"), join(folder, "server/app", `${page}.${ending}`));
        await writeFile(join(folder, "server/app", `${page}.${ending}`), text!);
      }
    }
    await writeFile(
      join(app.folder, "seed-big.mjs"),
      'import { seed } from "@kvplug/next";\nconsole.log(await seed({ distDir: "big" }), await seed({ distDir: "big" }));\n',
    );
    server.server.requests.reset();
    expect(await app.node("seed-big.mjs", account())).toBe("2000 0\n");
    expect(await keys("next:page:")).toHaveLength(2_000);
    expect(server.server.requests.byRoute["PUT /:namespace/bulk"]).toBe(1);
    expect(server.server.requests.total).toBeLessThanOrEqual(5);
  });
});
