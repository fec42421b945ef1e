/** Where an account's namespaces are, if that is known yet, one of them, and what is in it. */
const PATH = /^(?:.*?\/accounts\/[^/]+\/storage\/kv\/namespaces)?(\/[^/]+)?(?:\/(.+))?$/s;

/**
 * A request as a message says it, such as `GET values/a`. Frameworks show messages to visitors, so the account and
 * the namespace are left to the error's `path`.
 */
export function requestLine({ method, path }: { readonly method: string; readonly path: string }): string {
  const [, namespace, within] = PATH.exec(path) ?? [];
  return `${method} ${within ?? (namespace === undefined ? "namespaces" : "namespaces/…")}`;
}
