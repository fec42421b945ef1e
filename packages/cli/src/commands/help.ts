import type { Command } from "commander";
import { examples } from "../help.ts";

/** Adds `kvplug help`, which also takes a command below another one; commander's own takes only the first name. */
export function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command("help")
    .description("Show the help of a command.")
    .argument("[command...]", "its name, with its parent command")
    .addHelpText("after", examples([["kvplug help ns create", "the same as kvplug ns create --help"]]))
    .action(async (names: string[]) => {
      let command = program;
      for (const name of names) {
        const below = command.commands.find((one) => one.name() === name);
        if (below === undefined && command.commands.length > 0) {
          // It fails, and says what may have been meant.
          await command.parseAsync([name], { from: "user" });
        }
        command = below ?? command;
      }
      command.help();
    });
}
