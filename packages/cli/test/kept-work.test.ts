import { readdir, utimes, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { expect, test } from "vitest";
import { checkpointBeside } from "../src/bulk/pages/checkpoint.ts";
import { importCheckpointOf, KeptWorks } from "../src/ui/kept-work.ts";
import { temporaryFile } from "./temporary-file.ts";

const IMPORT = { kind: "import", namespace: "main", file: "in.ndjson" } as const;
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000);

async function start(): Promise<{ kept: KeptWorks; left: () => Promise<string[]> }> {
  const kept = KeptWorks.of("account", { XDG_STATE_HOME: dirname(await temporaryFile()) });
  await kept.open();
  return { kept, left: () => readdir(dirname(kept.fileOf("any"))) };
}

test("work that is forgotten leaves nothing", async () => {
  const { kept, left } = await start();
  await kept.note({ id: "one", request: IMPORT });
  const file = kept.fileOf("one");
  for (const path of [file, checkpointBeside(file), importCheckpointOf(file)]) await writeFile(path, "");
  expect(await left()).toHaveLength(4);
  await kept.forget("one");
  expect(await left()).toEqual([]);
});

test("a file that arrived long ago, and was never noted, is removed", async () => {
  const { kept, left } = await start();
  await kept.note({ id: "noted", request: IMPORT });
  for (const id of ["noted", "unnoted", "just arrived"]) await writeFile(kept.fileOf(id), "");
  for (const id of ["noted", "unnoted"]) await utimes(kept.fileOf(id), AN_HOUR_AGO, AN_HOUR_AGO);
  await kept.open();
  const files = (await left()).filter((name) => name.endsWith(".ndjson"));
  expect(new Set(files)).toEqual(new Set(["noted", "just arrived"].map((id) => basename(kept.fileOf(id)))));
});
