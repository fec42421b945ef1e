/** A variable of the environment; `undefined` where it is not set, or where it may not be read, as in Deno. */
export function variable(name: string): string | undefined {
  try {
    return globalThis.process?.env[name];
  } catch {
    return undefined;
  }
}
