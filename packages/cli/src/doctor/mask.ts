/** How much of a secret to show at most, and how long it must be for that. */
const SHOWN = 4;
const LONG = 16;

/** Masks a secret for a screen: enough stays visible to tell it from another one. */
export function mask(secret: string): string {
  return secret.length < LONG ? "••••" : `••••${secret.slice(-SHOWN)}`;
}
