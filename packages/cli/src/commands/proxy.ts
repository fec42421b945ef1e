import { Option, type Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { parseCount, parseMilliseconds, parsePort, parseRateLimit, parseTimeout } from "../parse.ts";
import type { ProxyFlags } from "../proxy/proxy.ts";

/** Adds `kvplug proxy`. */
export function addProxy(program: Command, context: Context): void {
  program
    .command("proxy")
    .description("Serve the KV REST API to all processes of this machine or cluster: one request budget for all.")
    .option("--port <number>", "the port; 0 picks a free one", parsePort, 8788)
    .option("--host <address>", "the address; anything but loopback requires a token", "127.0.0.1")
    .addOption(
      new Option("--socket <path>", "a Unix socket instead of a port, only for this user").conflicts(["port", "host"]),
    )
    .option("--token <token>", "require this token; the variable hides it from other users (env: KVPLUG_PROXY_TOKEN)")
    .option("--patience <time>", "how long a request may take by default: 25, 2m", parseTimeout)
    .option("--drain <time>", "how long to wait for running requests at the end: 20, 1m", parseTimeout)
    .option("--max-held <bytes>", "how much of request bodies and unread answers may be in memory at once", parseCount)
    .addOption(
      new Option("--log-level <level>", "what to report on stderr, as JSON; debug reports each request")
        .choices(["debug", "info", "warn", "silent"])
        .default("info"),
    )
    .optionsGroup("Upstream:")
    .addOption(new Option("--local", "the server of `kvplug serve` on its default port").conflicts("profile"))
    .option("--profile <name>", "a profile of the config file (default: the variables CLOUDFLARE_…)")
    .option("--account <id>", "the account (default: CLOUDFLARE_ACCOUNT_ID)")
    .option("--rate-limit <requests/seconds>", "stay within this request budget, such as 400/300", parseRateLimit)
    .option("--proxies <number>", "how many proxies split the budget", parseCount)
    .option("--budget <url>", "a Redis through which the proxies share the budget, redis://… (env: KVPLUG_BUDGET_URL)")
    .optionsGroup("Cache:")
    .option("--cache <entries>", "cache this many entries per namespace", parseCount)
    .option("--ttl <ms>", "how long a copy is fresh (default: 60000)", parseMilliseconds)
    .option("--stale-while-revalidate <ms>", "then, how long to answer with it while it refreshes", parseMilliseconds)
    .option("--stale-if-error <ms>", "then, how long to answer with it if upstream fails", parseMilliseconds)
    .addHelpText(
      "after",
      examples([
        ["kvplug proxy", "on port 8788 of this machine, with the environment's credentials"],
        ["kvplug proxy --cache 10000 --ttl 5000 --stale-if-error 3600000", "with a cache"],
        ["kvplug proxy --socket /run/kvplug/kv.sock", "for a sidecar"],
        ["kvplug proxy --proxies 3 --budget redis://127.0.0.1:6379", "one of three, on any machine"],
        ["kvplug proxy --host 0.0.0.0", "for a network, with KVPLUG_PROXY_TOKEN, or KVPLUG_TOKEN_… with scopes"],
      ]),
    )
    .action(async (flags: ProxyFlags) => {
      const { proxy } = await import("../proxy/proxy.ts");
      await proxy(context, flags);
    });
}
