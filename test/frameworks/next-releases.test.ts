import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { clear } from "../support/namespace.ts";
import { buildApp, type AppShape, type BuiltApp } from "./support/app.ts";
import { Instance } from "./support/next-apps.ts";
import { useNextGround } from "./support/next-ground.ts";
import { releasesToTest } from "./support/releases.ts";

const STANDALONE: AppShape = { output: ".next/standalone", entry: "server.js" };

const ground = useNextGround();
const { account, seeing, keys, stored, change } = ground;

/** An app of what Next 15 and 16 have in common, tested as `output: "standalone"`. */
const releases = {
  "Next 16": { is16: true, script: "build", versions: {} },
  "Next 16, by webpack": { is16: true, script: "build:webpack", versions: {} },
  "Next 15.5": { is16: false, script: "build", versions: { next: "^15.5.0" } },
};

describe.each(releasesToTest(releases))("%s", (release, { is16, script, versions }) => {
  let app: BuiltApp;
  let one: Instance;
  let other: Instance;
  beforeAll(async () => {
    // Data outlive a build, and the other release's would be found.
    await clear(ground.server.server.kv("test"));
    const source = join(import.meta.dirname, "apps/next");
    app = await buildApp(
      source,
      inject("tarballs"),
      { ORIGIN: ground.origin.url },
      { ...STANDALONE, script, versions },
    );
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
    const before = `v${ground.origin.version}`;
    // It has copies of the data of both tags, and believes them.
    await ignorant.see("/mixed/a");
    await ignorant.see("/mixed/b");
    const after = change();
    await one.post("/revalidate?tag=mixed-one");
    // Of that it does not know. Because of the other tag it makes the page anew, of old data, after the invalidation.
    await ignorant.post("/revalidate?tag=mixed-other");
    expect((await ignorant.see("/mixed/a")).data).toBe(`${before} ${after}`);
    const key = await stored("/mixed/a");
    await eventually(async () =>
      expect(await ground.server.server.kv("test").get(key)).toContain(`${before} ${after}`),
    );
    await eventually(async () => expect((await one.see("/mixed/a")).data).toBe(`${after} ${after}`));
    await eventually(async () => expect((await other.see("/mixed/a")).data).toBe(`${after} ${after}`));
  });

  test("ten tagged fetches of a page, all of which are in KV, are one request with their tags", async () => {
    const { data } = await one.see("/ten");
    await eventually(async () => expect((await keys("next:fetch:")).length).toBeGreaterThanOrEqual(10));
    const reader = await Instance.start(app, account());
    const asked = ground.origin.asked.get("/ten/0");
    ground.server.server.requests.reset();
    expect((await reader.see("/ten")).data).toBe(data);
    expect(ground.origin.asked.get("/ten/0")).toBe(asked);
    console.log(`${release}: a page of ten tagged fetches, new to a process:`, ground.server.server.requests.byRoute);
    expect(ground.server.server.requests.total).toBeLessThanOrEqual(2);
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
    const asked = ground.origin.asked.get("/fresh") ?? 0;
    await one.see("/fresh");
    await one.see("/fresh");
    expect(ground.origin.asked.get("/fresh")).toBe(asked + 2);
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
    const alone = await Instance.start(app, { ORIGIN: ground.origin.url });
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
    await ground.server.stop();
    try {
      for (const instance of [one, other]) expect((await instance.see("/static/away")).made).toBe(made);
      const alone = await one.see("/pages/away");
      expect((await one.see("/pages/away")).made).toBe(alone.made);
      // One for what is read, and one for what is written.
      expect(one.log().match(/\[@kvplug\/next\]/g)!.length).toBeLessThanOrEqual(2);
    } finally {
      await ground.server.startAgain();
    }
    await one.see("/pages/back");
    await stored("/pages/back");
    await eventually(async () =>
      expect((await other.see("/pages/back")).made).toBe((await one.see("/pages/back")).made),
    );
  });
});
