import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { MOST_DIFFERENCES, type DiffLine, type JobRequest, type JobState } from "@kvplug/explorer";
import { diff } from "../bulk/diff.ts";
import { purge } from "../bulk/purge.ts";
import type { Connections } from "../connect/connections.ts";
import type { Context, Environment } from "../context.ts";
import { changeExpiration } from "./change-expiration.ts";
import { Job, type JobOptions, type JobSubject } from "./job.ts";
import type { KeptWork, KeptWorks, LastingRequest } from "./kept-work.ts";
import { doLastingWork, receive } from "./lasting-work.ts";

/** How many jobs that are over are remembered. */
const MOST_OVER = 50;

/** The jobs of a page, by id. */
export class Jobs {
  readonly #env: Environment;
  readonly #tell: (state: JobState) => void;
  readonly #jobs: Map<string, Job> = new Map();
  readonly #differences: Map<string, DiffLine[]> = new Map();
  readonly #kept: KeptWorks;
  /** What can go on where it stopped, and is not forgotten. */
  readonly #lasting: Map<string, KeptWork> = new Map();
  /** The exports that somebody has taken. */
  readonly #taken: Set<string> = new Set();

  /** @param earlier What earlier runs left unfinished. */
  constructor(env: Environment, kept: KeptWorks, earlier: readonly KeptWork[], tell: (state: JobState) => void) {
    this.#env = env;
    this.#kept = kept;
    this.#tell = tell;
    for (const work of earlier) this.#lasting.set(work.id, work);
  }

  /** Of all jobs, and of those that earlier runs left. */
  get states(): JobState[] {
    const earlier = [...this.#lasting.values()].filter(({ id }) => !this.#jobs.has(id));
    return [...earlier.map(stateOf), ...Array.from(this.#jobs.values(), ({ state }) => state)];
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
      case "copy":
      case "export":
        return this.#last({ id: randomUUID(), request }, connections);
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

  /** Starts to import what a page sends. */
  import(namespace: string, file: string, body: Readable, connections: Connections): Job {
    return this.#last({ id: randomUUID(), request: { kind: "import", namespace, file } }, connections, { body });
  }

  /** Goes on with a job that has stopped, in this run or an earlier one; `undefined` where there is none. */
  continue(id: string, connections: Connections): Job | undefined {
    const work = this.#lasting.get(id);
    const isRunning = this.#jobs.get(id)?.isOver === false;
    return work === undefined || isRunning ? undefined : this.#last(work, connections, { isAgain: true });
  }

  /** Forgets a job that is over, with its file. @returns whether there is one. */
  async forget(id: string): Promise<boolean> {
    if (this.#jobs.get(id)?.isOver === false) return false;
    const isThere = this.#jobs.delete(id);
    const wasKept = this.#lasting.delete(id);
    this.#differences.delete(id);
    if (wasKept) await this.#kept.forget(id);
    return isThere || wasKept;
  }

  /** The file of an export that is done; `undefined` for all else. */
  exported(id: string): string | undefined {
    const state = this.#jobs.get(id)?.state;
    return state?.verb === "export" && state.lasts && state.state === "done" ? this.#kept.fileOf(id) : undefined;
  }

  /** The file of an export was read to its end. */
  taken(id: string): void {
    this.#taken.add(id);
  }

  /** Starts a command as a job. */
  run(
    verb: string,
    connections: Connections,
    command: (context: Context) => Promise<void>,
    more: Pick<JobOptions, "stdin" | "stdout" | keyof JobSubject> = {},
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
    await Promise.all(Array.from(this.#taken, (id) => this.forget(id)));
    await this.#kept.close();
  }

  #last(work: KeptWork, connections: Connections, how: { body?: Readable; isAgain?: boolean } = {}): Job {
    const { id, request } = work;
    const file = this.#kept.fileOf(id);
    const command = async (context: Context): Promise<void> => {
      await this.#kept.open();
      try {
        if (how.body !== undefined) await receive(how.body, file);
        await this.#kept.note(work);
      } catch (error) {
        // What did not arrive, or is not noted, is nothing to go on with.
        if (!how.isAgain) await this.#kept.forget(id);
        throw error;
      }
      this.#lasting.set(id, work);
      job.last();
      await doLastingWork(context, connections, request, file, how.isAgain ?? false);
      if (request.kind === "export") return;
      this.#lasting.delete(id);
      await this.#kept.forget(id);
    };
    const job = this.run(request.kind, connections, command, { id, path: file, ...subjectOf(request) });
    return job;
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
      if (this.#lasting.has(id)) continue;
      this.#jobs.delete(id);
      this.#differences.delete(id);
    }
  }
}

/** Of work that an earlier run left. */
function stateOf({ id, request }: KeptWork): JobState {
  const message = "Interrupted when kvplug ended.";
  return { id, verb: request.kind, state: "stopped", keys: 0, bytes: 0, message, lasts: true, ...subjectOf(request) };
}

function subjectOf(request: LastingRequest): Pick<JobState, "namespaces" | "file"> {
  switch (request.kind) {
    case "copy":
      return { namespaces: [request.from, request.to] };
    case "export":
      return { namespaces: [request.namespace] };
    case "import":
      return { namespaces: [request.namespace], file: request.file };
  }
}
