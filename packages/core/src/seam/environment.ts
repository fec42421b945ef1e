/** Returns an environment variable; `undefined` if it is not set or may not be read, as in Deno. */
export function variable(name: string): string | undefined {
  try {
    return globalThis.process?.env[name];
  } catch {
    return undefined;
  }
}
