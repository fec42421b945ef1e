import { Readable, Writable } from "node:stream";
import { MOST_DIFFERENCES, type DiffLine, type JobRequest, type JobState } from "@kvplug/explorer";
import { copy } from "../bulk/copy.ts";
import { diff } from "../bulk/diff.ts";
import { purge } from "../bulk/purge.ts";
import type { Connections } from "../connect/connections.ts";
import type { Context, Environment } from "../context.ts";
import { changeExpiration } from "./change-expiration.ts";
import { Job, type JobOptions } from "./job.ts";

/** How many jobs that are over are remembered. */
const MOST_OVER = 50;

/** The jobs of a page, by id. */
export class Jobs {
  readonly #env: Environment;
  readonly #tell: (state: JobState) => void;
  readonly #jobs: Map<string, Job> = new Map();
  readonly #differences: Map<string, DiffLine[]> = new Map();

  constructor(env: Environment, tell: (state: JobState) => void) {
    this.#env = env;
    this.#tell = tell;
  }

  get states(): JobState[] {
    return Array.from(this.#jobs.values(), ({ state }) => state);
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** What a comparison found so far; `undefined` for all else. */
  differences(id: string): readonly DiffLine[] | undefined {
    return this.#differences.get(id);
  }

  /** Starts what a page asks for. */
  start(request: JobRequest, connections: Connections): Job {
    switch (request.kind) {
      case "copy": {
        const { from, to, prefix = "", resume } = request;
        const flags = { prefix, ...(resume === true && { resume: true as const }) };
        return this.run("copy", connections, (context) =>
          copy(context, connections.addressOf(from), connections.addressOf(to), flags),
        );
      }
      case "delete": {
        const stdin = Readable.from([Buffer.from(JSON.stringify(request.keys))]);
        const flags = { namespace: connections.addressOf(request.namespace), keys: "-", yes: true as const };
        return this.run("delete", connections, (context) => purge(context, flags), { stdin });
      }
      case "delete-prefix": {
        const { namespace, prefix } = request;
        const flags = { namespace: connections.addressOf(namespace), prefix, yes: true as const };
        return this.run("delete", connections, (context) => purge(context, flags));
      }
      case "expire": {
        const change = { ...request, namespace: connections.addressOf(request.namespace) };
        return this.run("expire", connections, (context) => changeExpiration(context, change));
      }
      case "diff":
        return this.#compare(request, connections);
    }
  }

  /** Starts a command as a job. */
  run(
    verb: string,
    connections: Connections,
    command: (context: Context) => Promise<void>,
    more: Pick<JobOptions, "stdin" | "stdout"> = {},
  ): Job {
    const job = new Job({ verb, env: this.#env, connections, tell: this.#tell, ...more }, command);
    this.#jobs.set(job.id, job);
    this.#tell(job.state);
    this.#forget();
    return job;
  }

  /** Stops all, and resolves when they are over. */
  async close(): Promise<void> {
    for (const job of this.#jobs.values()) job.stop();
    await Promise.all(Array.from(this.#jobs.values(), ({ ended }) => ended));
  }

  #compare({ first, second, prefix = "" }: JobRequest & { kind: "diff" }, connections: Connections): Job {
    const found: DiffLine[] = [];
    const stdout = new Writable({
      write: (chunk: Buffer, _, done) => {
        if (found.length < MOST_DIFFERENCES) found.push(JSON.parse(chunk.toString()) as DiffLine);
        done();
      },
    });
    const flags = { prefix, json: true as const };
    const command = (context: Context): Promise<void> =>
      diff(context, connections.addressOf(first), connections.addressOf(second), flags);
    const job = this.run("compare", connections, command, { stdout });
    this.#differences.set(job.id, found);
    return job;
  }

  #forget(): void {
    const over = [...this.#jobs.values()].filter(({ isOver }) => isOver);
    for (const { id } of over.slice(0, Math.max(0, over.length - MOST_OVER))) {
      this.#jobs.delete(id);
      this.#differences.delete(id);
    }
  }
}
