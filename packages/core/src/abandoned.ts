/** Somebody who waits for a request that may be shared. */
export interface Party {
  readonly settled: boolean;
  /** Whether it may stop waiting before there is an answer. */
  readonly mayLeave: boolean;
  onLeave(listener: () => void): void;
}

/** A signal that ends what nobody waits for any more; `undefined` where somebody will stay. */
export function abandonedSignal(parties: Iterable<Party>): AbortSignal | undefined {
  const all = new Set<Party>();
  for (const party of parties) {
    if (!party.mayLeave) return undefined;
    all.add(party);
  }
  const controller = new AbortController();
  const check = (): void => {
    for (const { settled } of all) if (!settled) return;
    controller.abort();
  };
  for (const party of all) party.onLeave(check);
  return controller.signal;
}
