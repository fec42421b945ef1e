import { readdir, readFile, mkdir, stat, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { removeFile, removeRemnants, replaceFile } from "../src/replaced-file.ts";
import { temporaryFile } from "./temporary-file.ts";

/** The id of a process that is gone. */
const { pid: GONE } = spawnSync(process.execPath, ["--version"]);

/** What a process had begun of a file. */
const begun = (file: string, pid: number): string => `${file}.${pid}-0123abcd.tmp`;

/** A file, and what some processes had begun of it and of another. */
async function start(): Promise<{ file: string; left: () => Promise<string[]> }> {
  const file = await temporaryFile();
  const folder = dirname(file);
  await mkdir(folder);
  await replaceFile(file, "state");
  const names = [begun("state", GONE), begun("state", process.ppid), begun("state", process.pid), begun("other", GONE)];
  await Promise.all(names.map((name) => writeFile(join(folder, name.replace("state", basename(file))), "")));
  return { file, left: async () => (await readdir(folder)).map((name) => name.replace(basename(file), "state")) };
}

test("a file is removed with what killed processes had begun of it, and nothing else", async () => {
  const { file, left } = await start();
  await removeFile(file);
  expect(new Set(await left())).toEqual(new Set([begun("other", GONE), begun("state", process.ppid)]));
});

test("what killed processes had begun of any file is removed", async () => {
  const { file, left } = await start();
  await removeRemnants(dirname(file));
  expect(new Set(await left())).toEqual(new Set(["state", begun("state", process.ppid)]));
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
  await expect(replaceFile(file, "state")).rejects.toMatchObject({ code: "EISDIR" });
  expect(await readdir(dirname(file))).toEqual([basename(file)]);
});
