import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { nextOf, removeFile, removeRemnants, replaceFile } from "../src/replaced-file.ts";
import { temporaryFile } from "./temporary-file.ts";

/** The id of a process that is gone. */
const { pid: GONE } = spawnSync(process.execPath, ["--version"]);

const TWO_DAYS_AGO = new Date(Date.now() - 2 * 86_400_000);

/** A file, and what processes had begun of it and of others, by names for them. */
async function start(): Promise<{ file: string; left: () => Promise<string[]> }> {
  const file = await temporaryFile();
  const folder = dirname(file);
  await mkdir(folder);
  await replaceFile(file, "state");
  const elsewhere = (): string => nextOf(file, GONE).replace(/[^.]{8}-(?=\d+-)/, "00000000-");
  const begun: Record<string, string> = {
    "of this id": nextOf(file, process.pid),
    gone: nextOf(file, GONE),
    running: nextOf(file, process.ppid),
    "of another file": nextOf(join(folder, "other"), GONE),
    elsewhere: elsewhere(),
    "elsewhere, long ago": elsewhere(),
  };
  await Promise.all(Object.values(begun).map((path) => writeFile(path, "")));
  await utimes(begun["elsewhere, long ago"]!, TWO_DAYS_AGO, TWO_DAYS_AGO);
  const nameOf = (path: string): string | undefined => Object.keys(begun).find((name) => begun[name] === path);
  const left = async (): Promise<string[]> =>
    (await readdir(folder)).map((name) => nameOf(join(folder, name)) ?? name).toSorted();
  return { file, left };
}

test("a file is removed with what killed processes had begun of it, and nothing else", async () => {
  const { file, left } = await start();
  await removeFile(file);
  expect(await left()).toEqual(["elsewhere", "of another file", "running"]);
});

test("what killed processes had begun of any file is removed", async () => {
  const { file, left } = await start();
  await removeRemnants(dirname(file));
  expect(await left()).toEqual(["elsewhere", basename(file), "running"].toSorted());
});

test("what cannot be removed stays, and nothing fails", async () => {
  const { file, left } = await start();
  await mkdir(nextOf(file, GONE));
  await removeFile(file);
  expect(await left()).toHaveLength(4);
});

test("a write under way is no remnant, and each is whole", async () => {
  const file = await temporaryFile();
  await mkdir(dirname(file));
  const states = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
  const writing = Promise.all(states.map((state) => replaceFile(file, state)));
  const removing = Promise.all(states.map(() => removeRemnants(dirname(file))));
  await Promise.all([writing, removing]);
  expect(states).toContain(await readFile(file, "utf8"));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(dirname(file))).toEqual([basename(file)]);
});

test("nothing is left of what does not arrive whole, and the old one stays", async () => {
  const file = await temporaryFile();
  await mkdir(dirname(file));
  await replaceFile(file, Readable.from(["the old", " one"]));
  const breaking = Readable.from(
    (async function* () {
      yield "the new";
      throw new Error("gone");
    })(),
  );
  await expect(replaceFile(file, breaking)).rejects.toThrow("gone");
  expect(await readFile(file, "utf8")).toBe("the old one");
  expect(await readdir(dirname(file))).toEqual([basename(file)]);
});

test("nothing is left of a write that fails", async () => {
  const file = await temporaryFile();
  await mkdir(file, { recursive: true });
  await expect(replaceFile(file, "state")).rejects.toMatchObject({ code: "EISDIR", path: file });
  expect(await readdir(dirname(file))).toEqual([basename(file)]);
  const content = Readable.from(["state"]);
  const nowhere = join(file, "no", "folder");
  await expect(replaceFile(nowhere, content)).rejects.toMatchObject({ code: "ENOENT", path: nowhere });
  expect(content.destroyed).toBe(true);
});
