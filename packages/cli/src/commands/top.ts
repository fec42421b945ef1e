import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { parseCount } from "../parse.ts";
import type { TopFlags } from "../top/top.ts";

/** Adds `kvplug top`. */
export function addTop(program: Command, context: Context): void {
  program
    .command("top")
    .description(
      "Watch requests, budget, hit rates and waits of the local server, or of a program that publishes them.",
    )
    .argument("[url]", "a URL that returns stats() as JSON (default: the server of `kvplug serve`)")
    .option("--interval <seconds>", "how often to update", parseCount, 1)
    .option("--count <number>", "stop after this many updates", parseCount)
    .option("--token <token>", "a bearer token to send (default: KVPLUG_TOKEN, to the local server only)")
    .option("--json", "what was published, one object a line")
    .addHelpText(
      "after",
      examples([
        ["kvplug top", "the local server"],
        ["kvplug top http://127.0.0.1:8790/stats", "one on another port"],
        ["kvplug top http://127.0.0.1:9090/stats", "a program that returns kv.stats()"],
      ]),
    )
    .action(async (url: string | undefined, flags: TopFlags) => {
      const { top } = await import("../top/top.ts");
      await top(context, url, flags);
    });
}
