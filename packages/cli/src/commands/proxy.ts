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
    .option("--host <address>", "the address; beyond loopback, a token is needed", "127.0.0.1")
    .addOption(
      new Option("--socket <path>", "a Unix socket in place of a port, for this user alone").conflicts([
        "port",
        "host",
      ]),
    )
    .option("--token <token>", "demand this token; the variable hides it from other users (env: KVPLUG_PROXY_TOKEN)")
    .option("--patience <time>", "how long a request may take that does not say: 25, 2m", parseTimeout)
    .option("--drain <time>", "how long to wait at the end for what is running: 20, 1m", parseTimeout)
    .addOption(
      new Option("--log-level <level>", "what to report on stderr, as JSON; debug reports each request")
        .choices(["debug", "info", "warn", "silent"])
        .default("info"),
    )
    .optionsGroup("Upstream:")
    .addOption(new Option("--local", "the server of `kvplug serve` on its default port").conflicts("profile"))
    .option("--profile <name>", "a profile of the config file (default: the variables CLOUDFLARE_…)")
    .option("--account <id>", "the account (default: CLOUDFLARE_ACCOUNT_ID)")
    .option("--rate-limit <requests/seconds>", "keep to this request budget, such as 400/300", parseRateLimit)
    .option("--proxies <number>", "how many proxies there are: each keeps to its part of the budget", parseCount)
    .option("--budget <url>", "a Redis in which the proxies share it, redis://… (env: KVPLUG_BUDGET_URL)")
    .optionsGroup("Copies:")
    .option("--cache <entries>", "keep so many of what was read, for each namespace", parseCount)
    .option("--ttl <ms>", "believe a copy for so long (default: 60000)", parseMilliseconds)
    .option(
      "--stale-while-revalidate <ms>",
      "and answer so long with an old one while it is read anew",
      parseMilliseconds,
    )
    .option("--stale-if-error <ms>", "and answer so long with an old one where upstream fails", parseMilliseconds)
    .addHelpText(
      "after",
      examples([
        ["kvplug proxy", "on port 8788 of this machine, with the credential of the variables"],
        ["kvplug proxy --cache 10000 --ttl 5000 --stale-if-error 3600000", "with copies"],
        ["kvplug proxy --socket /run/kvplug/kv.sock", "for a sidecar"],
        ["kvplug proxy --proxies 3 --budget redis://127.0.0.1:6379", "each of three, on any machines"],
        ["kvplug proxy --host 0.0.0.0", "for a network, with KVPLUG_PROXY_TOKEN, or KVPLUG_TOKEN_… with scopes"],
      ]),
    )
    .action(async (flags: ProxyFlags) => {
      const { proxy } = await import("../proxy/proxy.ts");
      await proxy(context, flags);
    });
}
