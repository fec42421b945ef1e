import { mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { hashToken } from "@kvplug/gateway";
import { createProject, writeProject, type ProjectOptions } from "@kvplug/gateway/project";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { Wrangler } from "../support/wrangler.ts";

const SESSIONS = { id: "0123456789abcdef0123456789abcdef", title: "sessions" };

test("wrangler makes less than 100 KiB of a project, compressed", async () => {
  await using wrangler = await Wrangler.open();
  const { files } = await createProject({ namespaces: [SESSIONS] });
  await writeProject(wrangler.folder, files);
  await symlink(join(import.meta.dirname, "../node_modules"), join(wrangler.folder, "node_modules"));
  const told = (await wrangler.run(["deploy", "--dry-run", "--outdir", "out"])).toString();
  expect(told).toContain("env.SESSIONS");
  const bundle = await readFile(join(wrangler.folder, "out/index.js"));
  expect(gzipSync(bundle).byteLength).toBeLessThan(100 * 1024);
  // Nothing of Node, whose modules a Worker has only on demand.
  expect(bundle.toString()).not.toMatch(/from "node:/);
});

describe("a project", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kvplug-project-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("binds each namespace by a name of its own", async () => {
    const { files } = await createProject({
      name: "my-gateway",
      account: "account-id",
      namespaces: [SESSIONS, ...["my cache!", "my-cache", "1st", "ключ"].map((title, i) => ({ id: `id-${i}`, title }))],
    });
    const config = JSON.parse(files["wrangler.jsonc"]!);
    expect(config).toMatchObject({ name: "my-gateway", main: "src/index.ts" });
    expect(config.kv_namespaces).toEqual([
      { binding: "SESSIONS", id: SESSIONS.id },
      { binding: "MY_CACHE", id: "id-0" },
      { binding: "MY_CACHE_2", id: "id-1" },
      { binding: "KV_1ST", id: "id-2" },
      { binding: "KV", id: "id-3" },
    ]);
    const options = JSON.parse(/createGateway\((.*)\);/s.exec(files["src/index.ts"]!)![1]!);
    expect(options).toMatchObject({
      account: "account-id",
      namespaces: { SESSIONS, MY_CACHE: { title: "my cache!" } },
    });
  });

  test("holds the hash of its token, and the token nowhere", async () => {
    const { files, token } = await createProject({ namespaces: [SESSIONS], access: "read" });
    const secret = { sha256: await hashToken(token), access: "read" };
    expect(files[".dev.vars"]).toBe(`KVPLUG_TOKEN_MAIN='${JSON.stringify(secret)}'\n`);
    expect(files[".gitignore"]!.split("\n")).toContain(".dev.vars");
    expect(JSON.stringify(files)).not.toContain(token);
    expect((await createProject({ namespaces: [SESSIONS] })).token).not.toBe(token);
  });

  test("is written into a new folder", async () => {
    const { files } = await createProject({ namespaces: [SESSIONS] });
    await writeProject(join(folder, "new"), files);
    expect((await readdir(join(folder, "new"), { recursive: true })).toSorted()).toEqual(
      [...Object.keys(files), "src"].toSorted(),
    );
    expect(await readFile(join(folder, "new/src/index.ts"), "utf8")).toBe(files["src/index.ts"]);
    // The secrets are for this user alone.
    expect(((await stat(join(folder, "new/.dev.vars"))).mode & 0o777).toString(8)).toBe("600");
  });

  test("overwrites nothing", async () => {
    await writeFile(join(folder, "package.json"), "{}");
    const { files } = await createProject({ namespaces: [SESSIONS] });
    const error = await errorOf(writeProject(folder, files));
    expect(error.code).toBe("KV_INVALID");
    expect(error.message).toContain(join(folder, "package.json"));
    expect(await readdir(folder)).toEqual(["package.json"]);
  });

  test.for<[string, object, string]>([
    ["no namespaces", { namespaces: [] }, "namespaces"],
    ["an id twice", { namespaces: [SESSIONS, { ...SESSIONS, title: "b" }] }, "two with the id"],
    ["a title twice", { namespaces: [SESSIONS, { ...SESSIONS, id: "b" }] }, "two with the title"],
    ["an empty id", { namespaces: [{ id: "", title: "a" }] }, "id must be a non-empty string"],
    ["a wrong name", { namespaces: [SESSIONS], name: "My Gateway" }, "Worker's name"],
    ["a wrong access", { namespaces: [SESSIONS], access: "write" }, "access must be read or read-write"],
    ["an unknown option", { namespaces: [SESSIONS], token: "a" }, '"token"'],
  ])("is refused with %s", async ([, options, says]) => {
    const error = await errorOf(createProject(options as ProjectOptions));
    expect(error.code).toBe("KV_INVALID");
    expect(error.message).toContain(says);
  });
});
