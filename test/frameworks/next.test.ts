import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { clear, listAll } from "../support/namespace.ts";
import { StoppableServer } from "../support/stoppable-server.ts";
import { buildApp, type AppShape, type BuiltApp } from "./support/app.ts";
import { Instance, Origin } from "./support/next-apps.ts";

const TOKEN = "token-of-the-apps-0123456789";
const root = join(import.meta.dirname, "../..");

const STANDALONE: AppShape = { output: ".next/standalone", entry: "server.js" };
const STARTED: AppShape = {
  output: ".next",
  entry: "../node_modules/next/dist/bin/next",
  args: ["start"],
  hostOption: "--hostname",
};

let origin: Origin;
let server: StoppableServer;
beforeAll(async () => {
  origin = await Origin.start();
  server = await StoppableServer.start({ token: TOKEN, namespaces: ["test"] });
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
  // A machine that is busy with other work is slow, and is not to be taken for an outage.
  KVPLUG_NEXT_DEADLINE: "60000",
});
/** How soon what others do is seen: soon, or not within a test. */
const seeing = (ttl: number, tagTtl: number): Record<string, string> => ({
  ...account(),
  KVPLUG_NEXT_TTL: String(ttl),
  KVPLUG_NEXT_TAG_TTL: String(tagTtl),
});
const keys = async (prefix: string): Promise<string[]> =>
  (await listAll(server.server.kv("test"), { prefix })).map(({ name }) => name);
/** Resolves once a page is in KV: it is written behind the visitor's back. */
const stored = (path: string): Promise<string> =>
  eventually(async () => {
    const key = (await keys("next:page:")).find((name) => name.endsWith(path));
    expect(key).toBeDefined();
    return key!;
  });
/** What the origin says from now on. */
const change = (): string => `v${++origin.version}`;

/** An app of what Next 15 and 16 have in common, tested as `output: "standalone"`. */
const releases = {
  "Next 16, by webpack": { is16: true, script: "build:webpack", versions: {} },
  "Next 15.5": { is16: false, script: "build", versions: { next: "^15.5.0" } },
};

describe.each(Object.entries(releases))("%s", (release, { is16, script, versions }) => {
  let app: BuiltApp;
  let one: Instance;
  let other: Instance;
  beforeAll(async () => {
    // Data outlive a build, and the other release's would be found.
    await clear(server.server.kv("test"));
    const source = join(import.meta.dirname, "apps/next");
    app = await buildApp(source, inject("tarballs"), { ORIGIN: origin.url }, { ...STANDALONE, script, versions });
    // As the documentation of `standalone` says.
    await cp(join(app.folder, "public"), join(app.folder, ".next/standalone/public"), { recursive: true });
    const env = { ...seeing(300, 100), KVPLUG_NEXT_PREFIX: "next:" };
    [one, other] = await Promise.all([Instance.open(app, env), Instance.open(app, env)]);
    return async () => {
      await Promise.all([one.stop(), other.stop()]);
      await app.remove();
    };
  });

  test("the build says nothing of KV", () => {
    expect(app.buildLog).not.toContain("kvplug");
  });

  test("a page that one instance made is served by the others, and by those that start later", async () => {
    const { made } = await one.see("/static/shared");
    await stored("/static/shared");
    expect(await other.see("/static/shared")).toMatchObject({ made, cache: "HIT" });
    expect(await (await Instance.start(app, account())).see("/static/shared")).toMatchObject({ made, cache: "HIT" });
  });

  test("bytes that are no text come back as they were", async () => {
    const first = await one.fetch("/raw");
    const bytes = Buffer.from(await first.arrayBuffer());
    expect(bytes).toEqual(Buffer.from([137, 80, 78, 71, 255, 0, 1, 128]));
    await stored("/raw");
    const second = await other.fetch("/raw");
    expect(Buffer.from(await second.arrayBuffer())).toEqual(bytes);
    expect(second.headers.get("x-made")).toBe(first.headers.get("x-made"));
    expect(second.headers.get("content-type")).toBe("image/png");
  });

  test("a page past its time is made anew behind its visitors' backs", async () => {
    const { made } = await one.see("/isr");
    for (const instance of [one, other]) {
      await eventually(async () => expect((await instance.see("/isr")).made).not.toBe(made));
    }
  });

  test("a tag that is invalidated is not served again here, and soon not elsewhere", async () => {
    const path = "/static/tag";
    const { made } = await one.see(path);
    await stored(path);
    expect((await other.see(path)).made).toBe(made);
    const data = change();
    await one.post("/revalidate?tag=static-tag");
    expect((await one.see(path)).data).toBe(data);
    await eventually(async () => expect((await other.see(path)).data).toBe(data));
    // Whoever made it last: in the end all have the same.
    await eventually(async () => expect((await other.see(path)).made).toBe((await one.see(path)).made));
  });

  test.runIf(is16)('revalidateTag(tag, "max"): what is there is served while it is made anew', async () => {
    const path = "/static/max";
    const { made } = await one.see(path);
    await stored(path);
    expect((await other.see(path)).made).toBe(made);
    const data = change();
    await one.post("/revalidate?tag=static-max&max");
    expect((await one.see(path)).made).toBe(made);
    for (const instance of [one, other]) {
      await eventually(async () => expect((await instance.see(path)).data).toBe(data));
    }
  });

  test("a path that is invalidated is made anew, everywhere", async () => {
    const path = "/static/path";
    const { made } = await one.see(path);
    await stored(path);
    expect((await other.see(path)).made).toBe(made);
    await one.post(`/revalidate?path=${path}`);
    expect((await one.see(path)).made).not.toBe(made);
    await eventually(async () => expect((await other.see(path)).made).not.toBe(made));
  });

  test("a page that was made in ignorance of an invalidation is not served by those who know of it", async () => {
    const ignorant = await Instance.start(app, seeing(600_000, 600_000));
    const before = `v${origin.version}`;
    // It has copies of the data of both tags, and believes them.
    await ignorant.see("/mixed/a");
    await ignorant.see("/mixed/b");
    const after = change();
    await one.post("/revalidate?tag=mixed-one");
    // Of that it does not know. Because of the other tag it makes the page anew, of old data, after the invalidation.
    await ignorant.post("/revalidate?tag=mixed-other");
    expect((await ignorant.see("/mixed/a")).data).toBe(`${before} ${after}`);
    const key = await stored("/mixed/a");
    await eventually(async () => expect(await server.server.kv("test").get(key)).toContain(`${before} ${after}`));
    await eventually(async () => expect((await one.see("/mixed/a")).data).toBe(`${after} ${after}`));
    await eventually(async () => expect((await other.see("/mixed/a")).data).toBe(`${after} ${after}`));
  });

  test("ten tagged fetches of a page, all of which are in KV, are one request with their tags", async () => {
    const { data } = await one.see("/ten");
    await eventually(async () => expect((await keys("next:fetch:")).length).toBeGreaterThanOrEqual(10));
    const reader = await Instance.start(app, account());
    const asked = origin.asked.get("/ten/0");
    server.server.requests.reset();
    expect((await reader.see("/ten")).data).toBe(data);
    expect(origin.asked.get("/ten/0")).toBe(asked);
    console.log(`${release}: a page of ten tagged fetches, new to a process:`, server.server.requests.byRoute);
    expect(server.server.requests.total).toBeLessThanOrEqual(2);
  });

  test("unstable_cache is shared, and its tag invalidates it", async () => {
    const { data, made } = await one.see("/data");
    const next = change();
    await eventually(async () => expect((await other.see("/data")).data).toBe(data));
    expect((await other.see("/data")).made).not.toBe(made);
    await other.post("/revalidate?tag=data");
    expect((await other.see("/data")).data).toBe(next);
    await eventually(async () => expect((await one.see("/data")).data).toBe(next));
  });

  test("what a function with `use cache` returned is shared, and its tag invalidates it", async () => {
    const { made } = await one.see("/use");
    await eventually(async () => expect(await keys("next:use:")).not.toEqual([]));
    expect((await other.see("/use")).made).toBe(made);
    const data = change();
    await other.post("/revalidate?tag=use");
    expect((await other.see("/use")).data).toBe(data);
    await eventually(async () => expect((await one.see("/use")).data).toBe(data));
  });

  test("no-store asks the origin each time", async () => {
    const asked = origin.asked.get("/fresh") ?? 0;
    await one.see("/fresh");
    await one.see("/fresh");
    expect(origin.asked.get("/fresh")).toBe(asked + 2);
  });

  test("draft mode sees what is there now, and leaves alone what is published", async () => {
    const published = await one.see("/draft");
    expect(published.text).toContain("published");
    const data = change();
    const cookie = (await one.fetch("/draft/on")).headers.getSetCookie()[0]!.split(";")[0]!;
    const draft = await one.see("/draft", { headers: { cookie } });
    expect(draft.text).toContain("draft");
    expect(draft.data).toBe(data);
    expect((await one.see("/draft", { headers: { cookie } })).made).not.toBe(draft.made);
    expect(await one.see("/draft")).toMatchObject({ made: published.made, data: published.data });
  });

  test("those who change something by an action see it at once", async () => {
    const { data } = await one.see("/form");
    const next = change();
    expect((await one.see("/form")).data).toBe(data);
    expect((await one.send("/form")).data).toBe(next);
    expect((await one.see("/form")).data).toBe(next);
    await eventually(async () => expect((await other.see("/form")).data).toBe(next));
  });

  test.runIf(is16)("an image is optimised once", async () => {
    const image = async (instance: Instance): Promise<[string | null, Buffer]> => {
      const response = await instance.fetch("/_next/image?url=%2Fdot.png&w=64&q=75", {
        headers: { accept: "image/webp" },
      });
      expect(response.status).toBe(200);
      return [response.headers.get("x-nextjs-cache"), Buffer.from(await response.arrayBuffer())];
    };
    const [cache, bytes] = await image(one);
    expect(cache).toBe("MISS");
    await eventually(async () => expect(await keys("next:image:")).toHaveLength(1));
    expect(await image(other)).toEqual(["HIT", bytes]);
  });

  test("Pages Router: a page is shared, and made anew on demand", async () => {
    const { made } = await one.see("/pages/a");
    await stored("/pages/a");
    expect((await other.see("/pages/a")).made).toBe(made);
    const data = change();
    expect((await one.fetch("/api/revalidate?path=/pages/a")).status).toBe(200);
    const next = await one.see("/pages/a");
    expect(next.data).toBe(data);
    await eventually(async () => expect((await other.see("/pages/a")).made).toBe(next.made));
  });

  test("Pages Router: a page past its time is made anew", async () => {
    const { made } = await one.see("/pages/brief");
    await eventually(async () => expect((await one.see("/pages/brief")).made).not.toBe(made));
  });

  test("Pages Router: what is not found, and what has moved, is kept as well", async () => {
    for (const instance of [one, other]) {
      expect((await instance.fetch("/pages/missing")).status).toBe(404);
      const moved = await instance.fetch("/pages/moved", { redirect: "manual" });
      expect([moved.status, moved.headers.get("location")]).toEqual([307, "/pages/built"]);
      await Promise.all([stored("/pages/missing"), stored("/pages/moved")]);
    }
  });

  test("without credentials it is as Next is by itself: what the build made is served", async () => {
    const alone = await Instance.start(app, { ORIGIN: origin.url });
    const { made, cache } = await alone.see("/static/built");
    expect(cache).toBe("HIT");
    expect((await alone.see("/static/built")).made).toBe(made);
    await alone.post("/revalidate?tag=static-built");
    expect((await alone.see("/static/built")).made).not.toBe(made);
    expect(alone.log().match(/\[@kvplug\/next\].*/g)).toEqual([expect.stringContaining("CLOUDFLARE_KV_NAMESPACE_ID")]);
  });

  test("with a token that is refused pages are served and kept in the process, and a line says why", async () => {
    const refused = await Instance.start(app, { ...account(), CLOUDFLARE_API_TOKEN: "revoked" });
    const { made } = await refused.see("/static/built");
    await refused.see("/isr");
    await refused.see("/data");
    expect((await refused.see("/static/built")).made).toBe(made);
    expect(refused.log().match(/\[@kvplug\/next\].*/g)).toEqual([expect.stringContaining("KV_AUTH")]);
    expect(refused.log()).not.toContain("revoked");
  });

  test("with KV away pages are served, new ones too, and shared again when it is back", async () => {
    const { made } = await one.see("/static/away");
    await stored("/static/away");
    expect((await other.see("/static/away")).made).toBe(made);
    await server.stop();
    try {
      for (const instance of [one, other]) expect((await instance.see("/static/away")).made).toBe(made);
      const alone = await one.see("/pages/away");
      expect((await one.see("/pages/away")).made).toBe(alone.made);
      // One for what is read, and one for what is written.
      expect(one.log().match(/\[@kvplug\/next\]/g)!.length).toBeLessThanOrEqual(2);
    } finally {
      await server.startAgain();
    }
    await one.see("/pages/back");
    await stored("/pages/back");
    await eventually(async () =>
      expect((await other.see("/pages/back")).made).toBe((await one.see("/pages/back")).made),
    );
  });
});

/** The example, with what is new in Next 16, as `next start` runs it. */
describe("examples/next, by Turbopack", () => {
  let app: BuiltApp;
  let one: Instance;
  let other: Instance;
  beforeAll(async () => {
    app = await buildApp(join(root, "examples/next"), inject("tarballs"), {}, STARTED);
    server.server.requests.reset();
    one = await Instance.open(app, seeing(300, 100));
    return async () => {
      await Promise.all([one.stop(), other.stop()]);
      await app.remove();
    };
  });

  test("the first instance puts what the build rendered into KV, in one write, and its visitors find it", async () => {
    const html = await readFile(join(app.folder, ".next/server/app/index.html"), "utf8");
    expect(html).toContain((await one.see("/")).made);
    expect(await keys("next:seeded:")).toHaveLength(1);
    expect(server.server.requests.byRoute["PUT /:namespace/bulk"]).toBe(1);
    other = await Instance.open(app, seeing(300, 100));
    expect(html).toContain((await other.see("/")).made);
    expect(server.server.requests.byRoute["PUT /:namespace/bulk"]).toBe(1);
  });

  test("1,000 views of a page cost two instances a request a minute each, and one in ten seconds for its tags", async () => {
    const viewed = [await Instance.start(app, account()), await Instance.start(app, account())];
    server.server.requests.reset();
    const begun = performance.now();
    for (let i = 0; i < 100; i++) {
      await Promise.all(Array.from({ length: 10 }, (_, j) => viewed[j % 2]!.see("/")));
    }
    const seconds = (performance.now() - begun) / 1000;
    console.log(`1,000 views in ${seconds.toFixed(1)} s:`, server.server.requests.byRoute);
    // And one that finds out that the build's pages are there.
    const each = 1 + (1 + Math.floor(seconds / 60)) + (1 + Math.floor(seconds / 10));
    expect(server.server.requests.total).toBeLessThanOrEqual(2 * each);
  });

  test("what a function with `use cache` returned is shared, and its tag invalidates it and the page", async () => {
    const { made } = await one.see("/");
    await one.post("/revalidate?tag=news&now");
    expect((await one.see("/")).made).not.toBe(made);
    await eventually(async () => expect((await other.see("/")).made).not.toBe(made));
    await eventually(async () => expect((await other.see("/")).made).toBe((await one.see("/")).made));
  });

  test("`use cache: remote` is shared, and outlives a process, whatever its key", async () => {
    for (const path of ["/user/ada", `/user/${"x".repeat(700)}`]) {
      const before = (await keys("next:use:")).length;
      const { made } = await one.see(path);
      await eventually(async () => expect((await keys("next:use:")).length).toBeGreaterThan(before));
      expect((await other.see(path)).made).toBe(made);
      expect((await (await Instance.start(app, account())).see(path)).made).toBe(made);
    }
  });

  test('revalidateTag(tag, "max") of it: what is there is served while it is made anew', async () => {
    const { made } = await one.see("/user/bob");
    await eventually(async () => expect((await other.see("/user/bob")).made).toBe(made));
    await one.post("/revalidate?tag=user-bob");
    expect((await one.see("/user/bob")).made).toBe(made);
    await eventually(async () => expect((await one.see("/user/bob")).made).not.toBe(made));
    await eventually(async () => expect((await other.see("/user/bob")).made).toBe((await one.see("/user/bob")).made));
  });

  test("updateTag: those who send the form see the new page at once", async () => {
    const { made } = await one.see("/");
    expect((await one.send("/")).made).not.toBe(made);
    await eventually(async () => expect((await other.see("/")).made).not.toBe(made));
  });

  test("2,000 pages are seeded in one write", async () => {
    const pages = Array.from({ length: 2_000 }, (_, i) => `/page-${i}`);
    const folder = join(app.folder, "big");
    await mkdir(join(folder, "server/app"), { recursive: true });
    await cp(join(app.folder, ".next/BUILD_ID"), join(folder, "BUILD_ID"));
    const routes = Object.fromEntries(pages.map((page) => [page, { initialRevalidateSeconds: 60 }]));
    await writeFile(join(folder, "prerender-manifest.json"), JSON.stringify({ routes }));
    const html = `<p>${"x".repeat(5_000)}</p>`;
    for (const page of pages) {
      const file = join(folder, "server/app", page);
      await writeFile(`${file}.html`, html);
      await writeFile(`${file}.rsc`, "0:{}");
      await writeFile(`${file}.meta`, JSON.stringify({ headers: {} }));
    }
    const program = `import { seed } from "@kvplug/next";\nconsole.log(await seed({ distDir: "big" }));\n`;
    await writeFile(join(app.folder, "seed-big.mjs"), program);
    const env = { ...account(), KVPLUG_NEXT_PREFIX: "big:" };
    server.server.requests.reset();
    expect(await app.node("seed-big.mjs", env)).toBe("2000\n");
    console.log("2,000 pages seeded:", server.server.requests.byRoute);
    expect(await keys("big:page:")).toHaveLength(2_000);
    expect(server.server.requests.byRoute).toEqual({ "GET /:namespace/values/:key": 1, "PUT /:namespace/bulk": 1 });
    expect(await app.node("seed-big.mjs", env)).toBe("0\n");
    expect(server.server.requests.total).toBe(3);
  });

  test("in development it is as Next is by itself", async () => {
    const before = await keys("");
    const developed = new Instance(await app.develop(account()));
    try {
      await eventually(() => developed.see("/"));
      await eventually(() => developed.see("/user/dev"));
      expect(await keys("")).toEqual(before);
    } finally {
      await developed.stop();
    }
  });
});
