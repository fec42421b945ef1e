/** The most of a secret that is shown, and how long it must be for that. */
const SHOWN = 4;
const LONG = 16;

/** A secret as it may be on a screen: enough of it to tell it from another one. */
export function mask(secret: string): string {
  return secret.length < LONG ? "••••" : `••••${secret.slice(-SHOWN)}`;
}
