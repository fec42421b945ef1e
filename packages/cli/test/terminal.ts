import { spawn } from "@lydell/node-pty";
import { commandLine, environment } from "./process.ts";

/** A process on a terminal. */
export interface OnTerminal extends Disposable {
  /** What it has shown, with what moves the cursor. */
  readonly shown: string;
  /** Resolves once it has shown this; rejects where it ends before. */
  showed(pattern: RegExp): Promise<void>;
  type(text: string): void;
  readonly ended: Promise<{ code: number }>;
}

/** Starts `kvplug` on a pseudo-terminal; one of 0 columns is such that does not know its size. */
export async function onTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cols: number = 160,
): Promise<OnTerminal> {
  const [node, ...rest] = await commandLine();
  const sized = cols === 0 ? ["sh", "-c", 'stty cols 0 rows 0 && exec "$0" "$@"'] : [];
  const [program, ...words] = [...sized, node, ...rest, ...args] as [string, ...string[]];
  const terminal = spawn(program, words, {
    ...(cols > 0 && { cols }),
    env: environment({ TERM: "xterm-256color", ...env }),
  });
  let shown = "";
  let look = (): void => {};
  terminal.onData((data) => {
    shown += data;
    look();
  });
  let isOver = false;
  const ended = new Promise<{ code: number }>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      isOver = true;
      resolve({ code: signal ? 128 + signal : exitCode });
    });
  });
  return {
    get shown() {
      return shown;
    },
    showed: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (pattern.test(shown)) resolve();
        };
        look();
        void ended.then(() => reject(new Error(`It ended without showing ${pattern}: ${shown}`)));
      }),
    type: (text) => terminal.write(text),
    ended,
    [Symbol.dispose]() {
      if (!isOver) terminal.kill("SIGKILL");
    },
  };
}
