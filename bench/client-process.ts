/** A client in a process of its own: does a work, and tells what it took. */
import { CLIENTS, type Address, type ClientName } from "./clients.ts";
import { answerQuestions } from "./helper.ts";
import { measure } from "./measure.ts";
import { WORKS, type WorkName } from "./works.ts";

export interface ClientSetup {
  readonly name: ClientName;
  readonly address: Address;
}

export interface ClientQuestion {
  readonly work: WorkName;
  readonly operations: number;
}

await answerQuestions(async ({ name, address }: ClientSetup) => {
  const client = CLIENTS[name](address);
  return async ({ work, operations }: ClientQuestion) => {
    const { needs } = WORKS[work];
    // `null`: it cannot do it.
    if (needs !== undefined && client[needs] === undefined) return null;
    return measure(() => WORKS[work].run(client, operations));
  };
});
