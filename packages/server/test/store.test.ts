import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openKV, startServer } from "@kvplug/server";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvplug-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a file is created with its folder, and found again", async () => {
  const data = join(folder, "not", "there", "kv.db");
  {
    await using server = await startServer({ data, namespaces: [{ title: "a", id: "a-id" }] });
    await server.kv("a").put("k", "v", { metadata: { n: 1 }, expirationTtl: 60 });
  }
  await using kv = openKV({ data, namespace: "a" });
  expect(await kv.getWithMetadata("k")).toMatchObject({
    value: "v",
    metadata: { n: 1 },
    expiration: expect.any(Number),
  });
  await using byId = openKV({ data, namespace: "a-id" });
  expect(await byId.get("k")).toBe("v");
});

test("a file and its folder are for this user alone, and what is there stays as it is", async () => {
  const data = join(folder, "not", "there", "kv.db");
  const shared = join(folder, "shared.db");
  await writeFile(shared, "", { mode: 0o640 });
  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
  const before = process.umask(0);
  try {
    await using kv = openKV({ data });
    await kv.put("k", "v");
    const files = ["kv.db", "kv.db-shm", "kv.db-wal"];
    expect((await readdir(join(folder, "not", "there"))).toSorted()).toEqual(files);
    for (const file of files) expect([file, await modeOf(join(folder, "not", "there", file))]).toEqual([file, "600"]);
    for (const part of ["not", "not/there"]) expect([part, await modeOf(join(folder, part))]).toEqual([part, "700"]);
    await using old = openKV({ data: shared });
    await old.put("k", "v");
    expect(await modeOf(shared)).toBe("640");
  } finally {
    process.umask(before);
  }
});

test("a file may have any name", async () => {
  const cwd = process.cwd();
  try {
    process.chdir(folder);
    await using kv = openKV({ data: "file:kv.db?mode=memory" });
    await kv.put("k", "v");
    expect(await readdir(folder)).toContain("file:kv.db?mode=memory");
  } finally {
    process.chdir(cwd);
  }
});

test("two that open one file see each other's writes", async () => {
  const data = join(folder, "kv.db");
  await using one = openKV({ data });
  await using two = openKV({ data });
  await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? one : two).put(`k${index}`, "v")));
  expect((await one.list()).keys).toHaveLength(100);
  expect((await two.list()).keys).toHaveLength(100);
});

test("expired pairs are removed from the file when it is opened, values and all", async () => {
  const data = join(folder, "kv.db");
  const now = Date.now();
  {
    await using kv = openKV({ data, now: () => now });
    await kv.putMany([
      { key: "short", value: "v", expirationTtl: 60 },
      { key: "long", value: "v", expirationTtl: 120 },
      { key: "kept", value: "v" },
    ]);
    await kv.put("kept", "replaced");
    await kv.put("deleted", "v");
    await kv.delete("deleted");
  }
  await using kv = openKV({ data, now: () => now + 60_000 });
  expect((await kv.list()).keys.map(({ name }) => name)).toEqual(["kept", "long"]);
  const db = new DatabaseSync(data, { readOnly: true });
  expect(db.prepare("SELECT count(*) AS count FROM keys").get()).toEqual({ count: 2 });
  expect(db.prepare("SELECT count(*) AS count FROM blobs").get()).toEqual({ count: 2 });
  db.close();
});

test("deleting a namespace leaves nothing of it in the file", async () => {
  const data = join(folder, "kv.db");
  await using server = await startServer({
    data,
    namespaces: [
      { title: "a", id: "a" },
      { title: "b", id: "b" },
    ],
  });
  for (const title of ["a", "b"]) await server.kv(title).put("k", "v");
  await fetch(`${server.url}/accounts/local/storage/kv/namespaces/a`, { method: "DELETE" });
  expect(await server.kv("b").get("k")).toBe("v");
  const db = new DatabaseSync(data, { readOnly: true });
  expect(db.prepare("SELECT count(*) AS count FROM blobs").get()).toEqual({ count: 1 });
  db.close();
});

test.each(["$(id)", "a b", "", "x".repeat(33), "a\nb", "é"])("a file with the id %j is not opened", async (id) => {
  const data = join(folder, `${crypto.randomUUID()}.db`);
  await openKV({ data }).close();
  const db = new DatabaseSync(data);
  db.prepare("UPDATE namespaces SET id = ?").run(id);
  db.close();
  expect(() => openKV({ data })).toThrow(/the id of a namespace in it is not 1 to 32 letters/);
  await expect(startServer({ data })).rejects.toThrow(/the id of a namespace/);
});

test("another program's database is left alone", () => {
  const data = join(folder, "other.db");
  const db = new DatabaseSync(data);
  db.exec("CREATE TABLE theirs (a)");
  db.close();
  expect(() => openKV({ data })).toThrow(/another program/);
});

test("every write that was answered survives kill -9", async () => {
  const data = join(folder, "kv.db");
  const child = spawn(process.execPath, [join(import.meta.dirname, "fixtures", "serve.ts"), data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const base = `${line}/accounts/local/storage/kv/namespaces/main`;

  const answered: string[] = [];
  async function write(worker: number): Promise<void> {
    for (let index = 0; ; index++) {
      const keys = index % 5 === 0 ? [0, 1, 2].map((part) => `w${worker}-${index}-${part}`) : [`w${worker}-${index}`];
      const response =
        keys.length > 1
          ? await fetch(`${base}/bulk`, {
              method: "PUT",
              body: JSON.stringify(keys.map((key) => ({ key, value: `value of ${key}` }))),
            })
          : await fetch(`${base}/values/${keys[0]}`, { method: "PUT", body: `value of ${keys[0]}` });
      await response.arrayBuffer();
      expect(response.status).toBe(200);
      answered.push(...keys);
      if (answered.length > 500 && child.exitCode === null) child.kill("SIGKILL");
    }
  }
  const exited = once(child, "exit");
  const workers = await Promise.allSettled(Array.from({ length: 8 }, (_, worker) => write(worker)));
  expect(await exited).toEqual([null, "SIGKILL"]);
  for (const { reason } of workers as PromiseRejectedResult[])
    expect(reason).toMatchObject({ message: expect.stringMatching(/fetch failed|terminated/) });

  await using kv = openKV({ data, namespace: "main" });
  expect(answered.length).toBeGreaterThan(500);
  const found = await kv.get(answered);
  expect(answered.filter((key) => found.get(key) !== `value of ${key}`)).toEqual([]);
});
