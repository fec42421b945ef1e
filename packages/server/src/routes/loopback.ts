import type { ReadHeader } from "./foreign-pages.ts";

/** What nearly all programs send: to parse a URL for each request would take as long as to find its route. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1)(:[1-5]?\d{1,4})?$/;

/**
 * Returns the header that shows that a request was not meant for this machine, or `undefined`. A web page can point its
 * own name here by DNS; its requests then carry that name.
 */
export function foreignName(header: ReadHeader): "Host" | "Origin" | undefined {
  const host = header("host") ?? "";
  if (!LOOPBACK_HOST.test(host) && !isLoopback(hostname(`http://${host}`) ?? "")) return "Host";
  const origin = header("origin");
  return origin === undefined || isLoopback(hostname(origin) ?? "") ? undefined : "Origin";
}

/** Whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

function hostname(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
