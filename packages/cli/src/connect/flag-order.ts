import type { Command, Option } from "commander";
import { usageError } from "../command-error.ts";

/** The flags that say where a credential goes, or whose it is. */
const ADDRESS: readonly string[] = ["apiUrl", "token", "account", "profile"];

/** Those that say what a command works on. */
const PLACE: readonly string[] = [...ADDRESS, "namespace", "local", "wranglerConfig", "env", "persistTo"];

/**
 * Refuses flags of the connection behind the first key: `ls -0 | xargs -0 kvplug delete` puts keys there, whoever named
 * them. What deletes takes no other namespace there either.
 *
 * @param args The command line, from the command's name on.
 * @throws {CommandError} that names the flag, and how to pass such a key.
 */
export function checkFlagOrder(command: Command, args: readonly string[], deletes: boolean = false): void {
  const refused = deletes ? PLACE : ADDRESS;
  let isBehindKey = false;
  for (let i = 1; i < args.length && args[i] !== "--"; i++) {
    const arg = args[i]!;
    const option = arg.length > 1 && arg.startsWith("-") ? optionOf(command, arg) : undefined;
    if (option === undefined) isBehindKey = true;
    else if (isBehindKey && refused.includes(option.attributeName())) {
      throw usageError(
        `${option.long} comes after a key, and may be a key itself. Put flags first, and keys after --: kvplug ${command.name()} -n NAMESPACE -- KEY.`,
      );
      // Its value is the next word, unless it is of the same one.
    } else if (option.required && (arg === option.short || arg === option.long)) i++;
  }
}

function optionOf(command: Command, arg: string): Option | undefined {
  const name = arg.startsWith("--") ? arg.split("=")[0]! : arg.slice(0, 2);
  return command.options.find(({ short, long }) => short === name || long === name);
}
