import { redactURLs } from "@kvplug/core/seam";
import { keysText } from "../../progress/texts.ts";
import { shellQuote } from "../../shell.ts";
import type { ConfirmedPages } from "./confirmed-pages.ts";

/** What a user does who stopped work that writes, or whom it failed, and what is not known of it. */
export function howToGoOn({ unconfirmed }: Pick<ConfirmedPages<unknown>, "unconfirmed">, how: string): string {
  const are = unconfirmed === 1 ? "is" : "are";
  return `${unconfirmed === 0 ? "" : `${keysText(unconfirmed)} ${are} not confirmed and may still take effect. `}To continue: ${how}`;
}

/** A command line, without `kvplug`, as the one that goes on: to paste into a shell. It shows no token and no password: `REDIS_PASSWORD` takes its place. */
export function resumeCommand(commandLine: readonly string[]): string {
  const args: string[] = [];
  const given = commandLine.filter((arg) => arg !== "--resume" && arg !== "--force");
  for (let i = 0; i < given.length; i++) {
    const arg = redactURLs(given[i]!);
    if (arg === "--token") i++;
    if (arg === "--token" || arg.startsWith("--token=")) args.push('--token "$CLOUDFLARE_API_TOKEN"');
    else args.push(shellQuote(arg));
  }
  return ["kvplug", ...args, "--resume"].join(" ");
}
