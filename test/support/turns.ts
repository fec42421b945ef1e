/** Resolves after many turns of the event loop: whatever waits for no timer, and for nobody, has happened by then. */
export async function manyTurns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}
