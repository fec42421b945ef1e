/** A small young generation, and a collection whenever the old one has grown by somewhat more than half. */
const FLAGS = ["--max-semi-space-size=4", "--heap-growing-percent=60"];

/** The commands that work through a whole namespace. */
const LONG_WORK: ReadonlySet<string | undefined> = new Set(["copy", "diff", "export", "import", "migrate"]);

/** A file by its number, as a shell passes `<(…)`: Node closes those when it restarts. */
const isDescriptor = (arg: string): boolean => /\/(?:dev|proc\/[^/]+)\/fd\//.test(arg);

/** Somebody has chosen already. */
const isOfHeap = (flag: string): boolean => flag.includes("semi-space") || flag.includes("old-space");

/**
 * Keeps the heap of long work small, if Node can do that. By default, V8 lets garbage grow to several times of what is
 * in use, and it accepts these flags only when a process starts: so this one restarts in place, under its own number.
 * Call it before anything is read or written.
 */
export function leanHeap(): void {
  const [node, ...args] = process.argv as [string, ...string[]];
  if (!LONG_WORK.has(args[1]) || process.execArgv.some(isOfHeap) || args.some(isDescriptor)) return;
  if (process.platform === "win32" || process.execve === undefined) return;
  try {
    // Node 22 hands over no variables by itself.
    process.execve(node, [node, ...FLAGS, ...process.execArgv, ...args], process.env);
  } catch {
    // Then it needs more memory.
  }
}
