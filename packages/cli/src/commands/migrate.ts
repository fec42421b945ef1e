import type { Command } from "commander";
import { withResume } from "../bulk/pages/resume.ts";
import { NAMESPACE_TEXT, withPatience, withPlaces } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import type { MigrateFlags } from "../migrate/migrate.ts";
import { parseMapPrefix } from "../parse.ts";
import { withProgress } from "../progress/progress.ts";

/** Adds `kvplug migrate`. */
export function addMigrate(program: Command, context: Context): void {
  const command = program
    .command("migrate")
    .description("Copy the keys of Redis, or of a Keyv on SQLite, into a namespace, with their remaining time to live.")
    .requiredOption("--from <url>", "redis://[user@]host[:port][/database], rediss://…, or sqlite://file[?table=name]")
    .requiredOption("--to <namespace>", NAMESPACE_TEXT)
    .option("--prefix <prefix>", "only keys that begin with this")
    .option("--map-prefix <old=new>", "replace the prefix old by new", parseMapPrefix)
    .option("--keep-going", "skip what KV cannot hold, and exit with code 5");
  withPlaces(withPatience(withProgress(withResume(command))))
    .addHelpText(
      "after",
      examples([
        ["kvplug migrate --from redis://localhost/0 --to sessions", "with the password in REDIS_PASSWORD"],
        [
          "kvplug migrate --from sqlite://cache.sqlite --to cache --map-prefix keyv:=keyv::",
          "for @kvplug/keyv to read",
        ],
      ]),
    )
    .action(async (flags: MigrateFlags) => {
      const { migrate } = await import("../migrate/migrate.ts");
      await migrate(context, flags);
    });
}
