/** `pnpm soak [SECONDS]`: a minute of load on a server that fails and is killed, and what is lost by it. */
import { soak } from "./support/soak.ts";

const seconds = Number(process.argv[2] ?? 60);
console.log(`Soaking for ${seconds} s: puts, gets, deletes and bulk calls on a server that fails and is killed …\n`);
const { lost, staleReads, ...figures } = await soak({ duration: seconds * 1000 });

const rows = { ...figures, "stale reads": staleReads.length, "lost writes": lost.length };
for (const [name, count] of Object.entries(rows)) {
  const label = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  console.log(`${label.padEnd(22)}${count.toLocaleString("en").padStart(10)}`);
}
if (lost.length + staleReads.length > 0) {
  console.error(`\nLost: ${lost.join(", ") || "none"}. Read stale: ${staleReads.join(", ") || "none"}.`);
  process.exitCode = 1;
}
