import { fork, type ChildProcess } from "node:child_process";

/**
 * A process of its own that answers one question at a time. What is measured must share neither its
 * heap nor its event loop with anything else.
 */
export class Helper implements AsyncDisposable {
  readonly #child: ChildProcess;

  /** Starts a module of this folder; it gets `setup` from {@link answerQuestions}. */
  constructor(module: string, setup: unknown) {
    this.#child = fork(new URL(module, import.meta.url), [JSON.stringify(setup)], { execArgv: ["--expose-gc"] });
  }

  ask<Answer>(question: unknown): Promise<Answer> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error(`${child.spawnargs.at(-2)} ended before it answered.`));
      child.once("exit", onExit);
      child.once("message", (answer) => {
        child.off("exit", onExit);
        resolve(answer as Answer);
      });
      child.send(question as string);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const over = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.disconnect();
    await over;
  }
}

/** The other side: sets up once, then answers for as long as somebody can ask. */
export async function answerQuestions(start: (setup: any) => Promise<(question: any) => unknown>): Promise<void> {
  process.once("disconnect", () => process.exit());
  const answer = start(JSON.parse(process.argv[2]!));
  process.on("message", async (question) => process.send!(await (await answer)(question)));
}
