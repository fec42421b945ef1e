import { redactURLs } from "@kvplug/core/seam";
import { shellQuote } from "../shell.ts";

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
