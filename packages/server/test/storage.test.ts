import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openKV, startServer, type RunningServer } from "@kvplug/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { expectError, resultOf, startApi } from "./api.ts";
import { startServing } from "./fixtures/serving.ts";

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvplug-"));
  data = join(folder, "kv.db");
});
afterEach(() => rm(folder, { recursive: true }));

/** Holds the lock of the file, as another process that writes does. */
function lockFile(): Disposable {
  const db = new DatabaseSync(data);
  db.exec("BEGIN IMMEDIATE");
  return { [Symbol.dispose]: () => db.close() };
}

/** Holds all locks of a file, so that nobody can even open it. */
function holdFile(path: string): Disposable {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE more (a); COMMIT");
  return { [Symbol.dispose]: () => db.close() };
}

/** Breaks the last pages of a file, which are those of a long value. */
async function breakEnd(path: string): Promise<void> {
  const { size } = await stat(path);
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(400_000, 0xff), 0, 400_000, size - 400_000);
  await file.close();
}

const AGAIN = "kvplug: The data can be written again.";

test("while another process holds the lock, writes wait in their order, and nothing else does", async () => {
  await using api = await startApi({ data });
  await api.server.kv("main").put("k", "before");
  const kv = api.server.kv("main");
  const done: string[] = [];
  const note = (what: string) => (): void => void done.push(what);
  const writes: Promise<unknown>[] = [];
  {
    using _lock = lockFile();
    writes.push(kv.put("k", "1").then(note("first")));
    writes.push(api.ask("PUT", "/values/other", "v").then(resultOf).then(note("other")));
    writes.push(kv.put("k", "2").then(note("second")));
    writes.push(api.ask("POST", "", { title: "new" }).then(resultOf).then(note("namespace")));
    // SQLite's own waiting would hold them up for 5 seconds each.
    for (let i = 0; i < 20; i++) expect((await api.ask("GET", "/values/k")).text).toBe("before");
    resultOf(await api.ask("GET", "/keys"));
    expect(done).toEqual([]);
  }
  await Promise.all(writes);
  expect(done.filter((what) => what !== "other" && what !== "namespace")).toEqual(["first", "second"]);
  expect(await kv.get(["k", "other"])).toEqual(
    new Map([
      ["k", "2"],
      ["other", "v"],
    ]),
  );
});

test("a lock that is held for longer is told once, answered with 503, and over when it is", async () => {
  const server = await startServing(data);
  {
    using _lock = lockFile();
    const answers = await Promise.all([server.ask("PUT", "/values/a", "1"), server.ask("DELETE", "/values/b")]);
    for (const [status, text, code] of answers) {
      expect([status, code]).toEqual([503, 10503]);
      expect(text).toContain("another program holds its lock");
      expect(text).not.toContain(folder);
    }
    expect((await server.ask("GET", "/values/a"))[2]).toBe(10009);
  }
  expect((await server.ask("PUT", "/values/a", "2"))[0]).toBe(200);
  await server.end();
  expect(server.said).toEqual([
    expect.stringMatching(new RegExp(`^kvplug: .*"${data}".*holds its lock.* Find out which .* get 503\\.$`)),
    AGAIN,
  ]);
});

test("without HTTP, it is an error by name, and the next call goes through", async () => {
  await using kv = openKV({ data });
  {
    using _lock = lockFile();
    await expect(kv.put("k", "1")).rejects.toMatchObject({
      code: "KV_STORAGE",
      message: expect.stringContaining(data),
    });
  }
  await kv.put("k", "2");
  expect(await kv.get("k")).toBe("2");
});

test("who closes ends the calls that wait for a lock", async () => {
  const kv = openKV({ data });
  using _lock = lockFile();
  const put = kv.put("k", "1");
  await kv.close();
  await expect(put).rejects.toMatchObject({ code: "KV_CLOSED" });
});

/** Whether one may have a file system of one's own here, as most systems let anybody. */
const canMount = spawnSync("unshare", ["-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

test.skipIf(!canMount)("a full disk is told once, answered with 507, and over when there is room", async () => {
  const shell = `mount -t tmpfs -o size=4m none "$(dirname "$DATA")" && head -c 2M /dev/zero > "$(dirname "$DATA")/ballast"`;
  const server = await startServing(data, {
    shell: `exec unshare -Urm bash -c '${shell}\nexec "$NODE" "$SERVE" "$DATA"'`,
  });
  expect((await server.ask("PUT", "/values/small", "v"))[0]).toBe(200);
  for (let i = 0; i < 3; i++) {
    const [status, text, code] = await server.ask("PUT", "/values/large", "v".repeat(3_000_000));
    expect([status, code]).toEqual([507, 10507]);
    expect(text).toContain("the disk is full");
  }
  expect((await server.ask("GET", "/values/small"))[1]).toBe("v");
  await rm(`/proc/${server.pid}/root${folder}/ballast`);
  expect((await server.ask("PUT", "/values/small", "again"))[0]).toBe(200);
  await server.end();
  expect(server.said).toEqual([expect.stringMatching(/the disk is full\. Free some space\. .* 507\.$/), AGAIN]);
});

test("a file that cannot be written is told once, answered with 503, and over when it can", async () => {
  await startServer({ data, namespaces: [{ title: "main", id: "main" }] }).then((server) => server.close());
  await chmod(folder, 0o777);
  await chmod(data, 0o444);
  // To root every file is writable.
  const server = await startServing(data, process.getuid?.() === 0 ? { uid: 65_534 } : {});
  for (let i = 0; i < 3; i++) {
    const [status, text, code] = await server.ask("PUT", "/values/k", "v");
    expect([status, code]).toEqual([503, 10503]);
    expect(text).toContain("the file is read-only");
  }
  expect((await server.ask("GET", "/values/k"))[2]).toBe(10009);
  await chmod(data, 0o666);
  expect((await server.ask("PUT", "/values/k", "v"))[0]).toBe(200);
  await server.end();
  expect(server.said).toEqual([
    expect.stringMatching(/read-only\. Give this user write access to it and its folder\. .* 503\.$/),
    AGAIN,
  ]);
});

test("a malformed file is told once, answered with 503, and over when a good one lies in its place", async () => {
  const good = join(folder, "good.db");
  {
    await using server = await startServer({ data, namespaces: [{ title: "main", id: "main" }] });
    await server.kv("main").put("k", "v".repeat(1_000_000));
  }
  await copyFile(data, good);
  await breakEnd(data);

  const server = await startServing(data);
  for (let i = 0; i < 3; i++) {
    const [status, text, code] = await server.ask("GET", "/values/k");
    expect([status, code]).toEqual([503, 10503]);
    expect(text).toContain("the file is malformed");
  }
  {
    await using kv = openKV({ data, namespace: "main" });
    await expect(kv.get("k")).rejects.toMatchObject({ code: "KV_STORAGE" });
  }
  await rename(good, data);
  expect((await server.ask("GET", "/values/k"))[0]).toBe(200);
  await server.end();
  expect(server.said).toEqual([expect.stringMatching(/malformed\. Replace it with a copy/)]);
});

test("where another file lies in its place, a namespace is found by its id, and no other is taken for it", async () => {
  const other = join(folder, "other.db");
  {
    await using server = await startServer({ data, namespaces: [{ title: "main", id: "main" }] });
    await server.kv("main").put("k", "v".repeat(1_000_000));
    await using second = await startServer({
      data: other,
      namespaces: [
        { title: "first", id: "first" },
        { title: "main", id: "main" },
      ],
    });
    await second.kv("first").put("k", "of another");
    await second.kv("main").put("k", "of this");
  }
  await breakEnd(data);
  await using kv = openKV({ data, namespace: "main" });
  await expect(kv.get("k")).rejects.toMatchObject({ code: "KV_STORAGE", trouble: "malformed" });
  await rename(other, data);
  expect(await kv.get("k")).toBe("of this");
});

test("a file that is malformed, or locked, where it begins is an error by name at the start", async () => {
  await openKV({ data }).close();
  {
    using _held = holdFile(data);
    expect(() => openKV({ data })).toThrow(expect.objectContaining({ code: "KV_STORAGE", trouble: "locked" }));
  }
  const file = await open(data, "r+");
  await file.write(Buffer.alloc(3000, 0xff), 0, 3000, 100);
  await file.close();
  await expect(startServer({ data })).rejects.toMatchObject({
    code: "KV_STORAGE",
    message: expect.stringContaining(data),
  });
});

test("a server waits for the lock of its file at its start, and nothing else does", async () => {
  await openKV({ data, namespace: "main" }).close();
  let starting: Promise<RunningServer>;
  {
    // SQLite's own waiting would hold up what lets go of it, and fail.
    using _held = holdFile(data);
    starting = startServer({ data, namespaces: ["new"] });
  }
  await using server = await starting;
  expect(server.namespaces.map(({ title }) => title)).toEqual(["new", "main"]);
});

test("servers that wait for the lock to create one namespace share it", async () => {
  // Each says that there is another one.
  using _said = vi.spyOn(console, "error").mockReturnValue(undefined);
  await openKV({ data }).close();
  let starting: Promise<RunningServer>[];
  {
    using _lock = lockFile();
    starting = [1, 2].map(() => startServer({ data, namespaces: ["new"] }));
  }
  const servers = await Promise.all(starting);
  const [first, second] = servers.map(({ namespaces }) => namespaces[0]!);
  expect(first).toEqual(second);
  await Promise.all(servers.map((server) => server.close()));
});

test("so does who finds another file in the place of a malformed one, and that locked", async () => {
  const other = join(folder, "other.db");
  for (const [path, value] of [
    [data, "v".repeat(1_000_000)],
    [other, "of this"],
  ] as const) {
    await using server = await startServer({ data: path, namespaces: [{ title: "main", id: "main" }] });
    await server.kv("main").put("k", value);
  }
  await breakEnd(data);
  await using kv = openKV({ data, namespace: "main" });
  let reading: Promise<string | null>;
  {
    using _held = holdFile(other);
    await rename(other, data);
    reading = kv.get("k");
  }
  expect(await reading).toBe("of this");
});

test("a namespace that was deleted does not look like an empty one", async () => {
  await using api = await startApi({ data });
  await using kv = openKV({ data, namespace: "main" });
  const held = api.server.kv("main");
  await kv.put("k", "v");
  resultOf(await api.ask("DELETE", "main-id"));
  for (const one of [kv, held]) {
    for (const call of [
      () => one.get("k"),
      () => one.get(["k", "l"]),
      () => one.getWithMetadata("k"),
      () => one.list(),
      () => one.put("k", "v"),
      () => one.delete("k"),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "KV_NOT_FOUND", message: expect.stringContaining("deleted") });
    }
  }
  expectError(await api.ask("GET", "/values/k"), 404, 10013);
});

test("a second server on a file says so, and one after another does not", async () => {
  const first = await startServing(data);
  const second = await startServing(data);
  await eventually(() => expect(second.said).toEqual([expect.stringContaining(`Another server has "${data}" open`)]));
  // Both serve.
  expect((await first.ask("PUT", "/values/k", "v"))[0]).toBe(200);
  expect((await second.ask("GET", "/values/k"))[1]).toBe("v");
  await second.end();
  await first.end("SIGKILL");
  const third = await startServing(data);
  expect((await third.ask("GET", "/values/k"))[1]).toBe("v");
  await third.end();
  expect([first.said, third.said]).toEqual([[], []]);
  expect(await readdir(folder)).toEqual(["kv.db"]);
});
