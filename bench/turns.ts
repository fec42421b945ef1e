/**
 * Has each of several take its turn, round after round. Each round begins with another, so that what
 * disturbs the machine disturbs them alike.
 */
export async function takeTurns<Contender>(
  contenders: readonly Contender[],
  rounds: number,
  turn: (contender: Contender) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) await turn(contender);
  }
}
