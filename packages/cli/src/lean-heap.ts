/** A small young generation, and a collection whenever the old one has grown by somewhat more than half. */
const FLAGS = ["--max-semi-space-size=4", "--heap-growing-percent=60"];

/** The commands that work through a whole namespace. */
const LONG_WORK: ReadonlySet<string | undefined> = new Set(["copy", "diff", "export", "import", "migrate"]);

/** A file by its number, as a shell hands out `<(…)`: Node closes those when it begins again. */
const isDescriptor = (arg: string): boolean => /\/(?:dev|proc\/[^/]+)\/fd\//.test(arg);

/** Somebody has chosen already. */
const isOfHeap = (flag: string): boolean => flag.includes("semi-space") || flag.includes("old-space");

/**
 * Has long work run with a heap that stays small, where Node can do that. Left to itself, V8 lets
 * garbage pile up to several times of what is in use, and takes these flags only when a process
 * begins: so this one begins again, in its own place and under its own number. Nothing is to be
 * read or written before.
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
