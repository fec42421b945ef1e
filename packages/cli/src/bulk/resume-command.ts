import { shellQuote } from "../shell.ts";

/** A command line, without `kvplug`, as the one that goes on: to paste into a shell. It shows no token and no password. */
export function resumeCommand(commandLine: readonly string[]): string {
  const args: string[] = [];
  const given = commandLine.filter((arg) => arg !== "--resume" && arg !== "--force");
  for (let i = 0; i < given.length; i++) {
    const arg = withoutPassword(given[i]!);
    if (arg === "--token") i++;
    if (arg === "--token" || arg.startsWith("--token=")) args.push('--token "$CLOUDFLARE_API_TOKEN"');
    else args.push(shellQuote(arg));
  }
  return ["kvplug", ...args, "--resume"].join(" ");
}

/** `REDIS_PASSWORD` takes its place. The last `@` before a path ends it, as a URL has it. */
function withoutPassword(arg: string): string {
  return arg.replace(/^((?:--from=)?rediss?:\/\/)([^:@/]*):[^/?#]*@/, (_, start: string, user: string) =>
    user === "" ? start : `${start}${user}@`,
  );
}
