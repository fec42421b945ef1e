import type { ReadHeader } from "./foreign-pages.ts";

/**
 * The header by which a request is known that was not meant for this machine, `undefined` where it is: a web page may
 * have its own name lead here, and then asks under that.
 */
export function foreignName(header: ReadHeader): "Host" | "Origin" | undefined {
  if (!isLoopback(hostname(`http://${header("host") ?? ""}`) ?? "")) return "Host";
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
