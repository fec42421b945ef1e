/** Has a process kill itself where it would first remove a file, or put one in the place of another. */
export function killedAt(call: "rm" | "rename"): NodeJS.ProcessEnv {
  return preloaded(`fs.${call} = () => process.kill(process.pid, "SIGKILL");`);
}

/** Has a process kill itself with a checkpoint that is written, and takes the place of the one before, or does not any more. */
export function killedSaving(when: "before" | "after", nth: number): NodeJS.ProcessEnv {
  return preloaded(`
    const { rename } = fs;
    let saved = 0;
    fs.rename = async (from, to) => {
      const isLast = ++saved === ${nth};
      if (isLast && ${when === "before"}) process.kill(process.pid, "SIGKILL");
      await rename(from, to);
      if (isLast) process.kill(process.pid, "SIGKILL");
    };`);
}

/** Has a process kill itself when its checkpoint knows of a page that was written before one in front of it. */
export const killedOutOfOrder: NodeJS.ProcessEnv = preloaded(`
  const { rename, readFile } = fs;
  fs.rename = async (from, to) => {
    await rename(from, to);
    const { state } = JSON.parse(await readFile(to, "utf8"));
    if (state.beyond.length > 0) process.kill(process.pid, "SIGKILL");
  };`);

function preloaded(script: string): NodeJS.ProcessEnv {
  const module = `
    import fs from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    ${script}
    syncBuiltinESMExports();`;
  const { NODE_OPTIONS = "" } = process.env;
  return { NODE_OPTIONS: `${NODE_OPTIONS} --import data:text/javascript,${encodeURIComponent(module)}` };
}
