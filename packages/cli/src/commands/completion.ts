import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { examples } from "../help.ts";

const NAME = "completion";

/**
 * Around the script of bash, whose constants are readonly and have the same names in the script of whatever else uses
 * that library: a shell that has them takes no others, and says so for each.
 */
const BEFORE_BASH = 'if [[ -n "${ShellCompDirectiveError+set}" ]]; then readonly() { :; }; fi';
const AFTER_BASH = "unset -f readonly";

/** Adds `kvplug completion`, and what its scripts ask: for all that was added before. */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: NAME });
  const command = program.commands.find((one) => one.name() === NAME)!;
  const print =
    (line: string) =>
    (_: Command, { args }: Command) => {
      if (args[0] === "bash") console.log(line);
    };
  command.hook("preAction", print(BEFORE_BASH)).hook("postAction", print(AFTER_BASH));
  command.registeredArguments[0]!.description = "the shell";
  command.description("Print a script that completes commands and flags in a shell.").addHelpText(
    "after",
    examples([
      ["source <(kvplug completion bash)", "in ~/.bashrc; it needs the package bash-completion"],
      ["source <(kvplug completion zsh)", "in ~/.zshrc, after compinit"],
      ["kvplug completion fish > ~/.config/fish/completions/kvplug.fish", "once"],
      ["kvplug completion powershell | Out-String | Invoke-Expression", "in $PROFILE"],
    ]),
  );
}
