/** Compiles every block of code of the pages, as they are beside the packages. Part of `pnpm typecheck`. */
import { spawnSync } from "node:child_process";
import { allBlocks } from "../test/docs/support/blocks.ts";
import { COMPILED, writeBlocks } from "../test/docs/support/written.ts";

writeBlocks(allBlocks(), COMPILED);
const { status } = spawnSync("tsc", ["-p", COMPILED], { stdio: "inherit" });
process.exit(status ?? 1);
