/**
 * Whether this is a Worker. There a request takes with it whatever it has under way: a read that it began never
 * settles once it has ended, and another request that waits for that read waits for good.
 */
export const inWorker: boolean =
  (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers" ||
  // With a compatibility date before 2022-03-21, or the flag `no_global_navigator`.
  "WebSocketPair" in globalThis;

let turn = 0;
let isCounted = false;

/** The number of this turn of the event loop. What one turn does is of one request. */
export function thisTurn(): number {
  if (!isCounted) {
    isCounted = true;
    queueMicrotask(() => {
      turn++;
      isCounted = false;
    });
  }
  return turn;
}
