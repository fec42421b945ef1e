import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { environment } from "../../packages/cli/test/process.ts";
import { Transcript } from "../../packages/cli/test/transcript.ts";

const MAIN = join(import.meta.dirname, "../../packages/cli/src/main.ts");

/** A `kvplug ui` that can be killed. */
export interface UiProcess extends AsyncDisposable {
  /** The address of the page. */
  readonly link: string;
  /** Kills it as a crash would. */
  kill(): Promise<void>;
}

/** Starts `kvplug ui` as a process of its own. */
export async function spawnUi(args: readonly string[], env: NodeJS.ProcessEnv): Promise<UiProcess> {
  const child = spawn(process.execPath, [MAIN, "ui", ...args], {
    env: environment(env),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const link = await child.stdout.pipe(new Transcript()).said(/http:\S+session=\S+/);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return { link, kill, [Symbol.asyncDispose]: kill };
}
