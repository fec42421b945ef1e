import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { buildApp, type AppShape, type BuiltApp } from "./support/app.ts";
import { Instance } from "./support/next-apps.ts";
import { useNextGround } from "./support/next-ground.ts";

const STARTED: AppShape = {
  output: ".next",
  entry: "../node_modules/next/dist/bin/next",
  args: ["start"],
  hostOption: "--hostname",
};

const ground = useNextGround();
const { account, seeing, keys } = ground;

/** The example, with what is new in Next 16, as `next start` runs it. */
describe("examples/next, by Turbopack", () => {
  let app: BuiltApp;
  let one: Instance;
  let other: Instance;
  beforeAll(async () => {
    app = await buildApp(join(import.meta.dirname, "../../examples/next"), inject("tarballs"), {}, STARTED);
    ground.server.server.requests.reset();
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
    expect(ground.server.server.requests.byRoute["PUT /:namespace/bulk"]).toBe(1);
    other = await Instance.open(app, seeing(300, 100));
    expect(html).toContain((await other.see("/")).made);
    expect(ground.server.server.requests.byRoute["PUT /:namespace/bulk"]).toBe(1);
  });

  test("1,000 views of a page cost two instances a request a minute each, and one in ten seconds for its tags", async () => {
    const viewed = [await Instance.start(app, account()), await Instance.start(app, account())];
    ground.server.server.requests.reset();
    const begun = performance.now();
    for (let i = 0; i < 100; i++) {
      await Promise.all(Array.from({ length: 10 }, (_, j) => viewed[j % 2]!.see("/")));
    }
    const seconds = (performance.now() - begun) / 1000;
    console.log(`1,000 views in ${seconds.toFixed(1)} s:`, ground.server.server.requests.byRoute);
    // And one that finds out that the build's pages are there.
    const each = 1 + (1 + Math.floor(seconds / 60)) + (1 + Math.floor(seconds / 10));
    expect(ground.server.server.requests.total).toBeLessThanOrEqual(2 * each);
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
    ground.server.server.requests.reset();
    expect(await app.node("seed-big.mjs", env)).toBe("2000\n");
    console.log("2,000 pages seeded:", ground.server.server.requests.byRoute);
    expect(await keys("big:page:")).toHaveLength(2_000);
    expect(ground.server.server.requests.byRoute).toEqual({
      "GET /:namespace/values/:key": 1,
      "PUT /:namespace/bulk": 1,
    });
    expect(await app.node("seed-big.mjs", env)).toBe("0\n");
    expect(ground.server.server.requests.total).toBe(3);
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
