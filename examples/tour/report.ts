import { subscribe } from "node:diagnostics_channel";

let requests = 0;
let milliseconds = 0;

// The driver sends its requests by undici, which announces each of them.
subscribe("undici:request:create", () => {
  requests++;
});

/** Prints a line: a label and what there is to say. */
export function say(label: string, text: string): void {
  console.log(`  ${label.padEnd(11)}${text}`);
}

/** Runs a step; prints what it says of itself, how many requests it sent, and how long it took. */
export async function step(label: string, run: () => Promise<string>): Promise<void> {
  const before = requests;
  const start = performance.now();
  const text = await run();
  const took = performance.now() - start;
  milliseconds += took;
  say(label, columns(text, requests - before, took));
}

/** Prints the sum of all steps. */
export function sayTotal(): void {
  say("in all", columns("", requests, milliseconds));
}

/** `1 request`, `1,200 requests`. */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

function columns(text: string, sent: number, took: number): string {
  return text.padEnd(48) + count(sent, "request").padStart(11) + `${Math.round(took)} ms`.padStart(9);
}
