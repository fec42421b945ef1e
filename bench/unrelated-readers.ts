/**
 * Thirty minutes of readers who know nothing of each other, under Cloudflare's own budget, in virtual
 * time: how long they wait, and how many requests they cost.
 *
 * @module
 */
import { mostInAnyWindow, quantile, readAtRandom } from "../test/support/unrelated-readers.ts";

const MINUTES = 30;

console.log("reads/s    reads  requests  most in 300 s  429s  errors  median ms  99 % ms  longest ms");
for (const perSecond of [3, 200, 350]) {
  const { waits, sent, refused, errors } = await readAtRandom(perSecond, MINUTES);
  const cells: [figure: number, width: number][] = [
    [perSecond, 7],
    [waits.length, 9],
    [sent.length, 10],
    [mostInAnyWindow(sent), 15],
    [refused, 6],
    [errors.length, 8],
    [quantile(waits, 0.5), 11],
    [quantile(waits, 0.99), 9],
    [waits.at(-1) ?? 0, 12],
  ];
  console.log(cells.map(([figure, width]) => String(Math.round(figure)).padStart(width)).join(""));
}
