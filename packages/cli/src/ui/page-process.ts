import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import {
  PAGE_HEADER,
  PROCESS_PATH,
  type About,
  type FaultSettings,
  type Figures,
  type JobRequest,
  type LoggedRequest,
} from "@kvplug/explorer";
import { ApiError, CODE, failure } from "@kvplug/server/routes";
import { isKVError } from "@kvplug/core/seam";
import { Hono, type MiddlewareHandler } from "hono";
import type { KVListKey } from "@kvplug/core";
import type { Connections } from "../connect/connections.ts";
import type { Environment } from "../context.ts";
import { describeFailure } from "../failure.ts";
import type { Jobs } from "./jobs.ts";
import type { KeptWorks } from "./kept-work.ts";
import { Live } from "./live.ts";
import { logRequests } from "./request-log.ts";

/** What work on many keys needs. */
interface Work {
  readonly jobs: Jobs;
  readonly connections: Connections;
}

/** What stands behind a page. */
export interface PageSource {
  readonly about: Omit<About, "run" | "faults">;
  /** The account's connections, which jobs run on; the same ones each time. */
  connections(): Promise<Connections>;
  figures(): Figures;
  /** Where unfinished work is kept. */
  readonly kept: KeptWorks;
  /** The faults of a local server, which a page may switch. */
  readonly faults?: { get(): FaultSettings; set(settings: FaultSettings): void };
}

/** How many earlier requests a new page gets. */
const MOST_REMEMBERED = 1000;

/** The process behind the page: what happens, and work on many keys. */
export class PageProcess {
  readonly #run: string = randomUUID();
  readonly #live: Live = new Live();
  readonly #env: Environment;
  #work: Work | undefined;
  readonly #latest: LoggedRequest[] = [];
  readonly #source: () => PageSource;

  /** @param source Is called at each request, and not before the first one. */
  constructor(env: Environment, source: () => PageSource) {
    this.#source = source;
    this.#env = env;
    this.log = logRequests(this.tell);
    this.answer = this.#routes();
  }

  /** Tells the pages of a request: those that are open, and the latest ones also those that are opened later. */
  readonly tell = (data: LoggedRequest): void => {
    this.#latest.push(data);
    if (this.#latest.length > MOST_REMEMBERED) this.#latest.shift();
    this.#live.emit({ event: "request", data });
  };

  /** Tells the pages of each request that passes. */
  readonly log: MiddlewareHandler;

  /** Answers requests below {@link PROCESS_PATH}. The steps before it decide who may ask. */
  readonly answer: MiddlewareHandler;

  /** Stops the jobs, and ends the answers that would go on. */
  async close(): Promise<void> {
    await this.#work?.jobs.close();
    this.#live.close();
  }

  #routes(): MiddlewareHandler {
    const app = new Hono().basePath(PROCESS_PATH);
    app.use(onlyThePage);
    app.onError((error, c) => {
      if (error instanceof ApiError) return c.json(failure(error.code, error.message), error.status);
      const { line = "The request failed." } = describeFailure(error);
      return c.json(failure(CODE.value, line.replace(/^kvplug: /, "")), isKVError(error) ? 400 : 500);
    });
    app.get("about", (c) => {
      const { about, faults } = this.#source();
      return c.json({ ...about, run: this.#run, faults: faults !== undefined } satisfies About);
    });
    app.get("live", async (c) => {
      if (this.#work === undefined && (await this.#source().kept.unfinished()).length > 0) await this.#openWork();
      const beginning = [
        ...(this.#work?.jobs.states ?? []).map((data) => ({ event: "job" as const, data })),
        ...this.#latest.map((data) => ({ event: "request" as const, data })),
      ];
      return this.#live.answer(c, () => this.#source().figures(), beginning);
    });
    app.get("faults", (c) => c.json(this.#source().faults?.get() ?? {}));
    app.put("faults", async (c) => {
      this.#source().faults?.set(await c.req.json<FaultSettings>());
      return c.json(this.#source().faults?.get() ?? {});
    });
    this.#workRoutes(app);
    return async (c) => app.fetch(c.req.raw, c.env);
  }

  #workRoutes(app: Hono<any, any, any>): void {
    app.post("jobs", async (c) => {
      const { jobs, connections } = await this.#openWork();
      const { id } = jobs.start(await c.req.json<JobRequest>(), connections);
      return c.json({ id });
    });
    app.get("jobs/:id/differences", (c) => c.json(this.#work?.jobs.differences(c.req.param("id")) ?? []));
    app.post("jobs/:id/continue", async (c) => {
      const { jobs, connections } = await this.#openWork();
      const job = jobs.continue(c.req.param("id"), connections) ?? noSuchJob();
      return c.json(job.state);
    });
    app.post("jobs/:id/forget", async (c) => {
      if (!(await this.#work?.jobs.forget(c.req.param("id")))) noSuchJob();
      return c.json({});
    });
    app.post("jobs/:id/:action{pause|resume|stop}", (c) => {
      const job = this.#work?.jobs.get(c.req.param("id")) ?? noSuchJob();
      job[c.req.param("action") as "pause" | "resume" | "stop"]();
      return c.json(job.state);
    });
    app.get("exports/:id", async (c) => {
      const id = c.req.param("id");
      const { jobs } = await this.#openWork();
      const file = createReadStream(jobs.exported(id) ?? noSuchJob());
      file.once("end", () => jobs.taken(id));
      return c.body(Readable.toWeb(file) as ReadableStream, 200, asFile(c.req.query("title") ?? "namespace"));
    });
    app.post("export", async (c) => {
      const { namespace = "", title = "namespace" } = c.req.query();
      const keys = await c.req.json<KVListKey[]>();
      const { jobs, connections } = await this.#openWork();
      const { exportKeys } = await import("./export-keys.ts");
      return c.body(exportKeys(jobs, connections, { namespace, keys }), 200, asFile(title));
    });
    app.post("import", async (c) => {
      const { namespace = "", file = "a file" } = c.req.query();
      const { jobs, connections } = await this.#openWork();
      const { body } = c.req.raw;
      const sent = body === null ? Readable.from([]) : Readable.fromWeb(body);
      await jobs.import(namespace, file, sent, connections).ended;
      return c.json({});
    });
  }

  /** What work on many keys needs is loaded when there is some: most local servers never see any. */
  async #openWork(): Promise<Work> {
    if (this.#work !== undefined) return this.#work;
    const { kept } = this.#source();
    const [{ Jobs }, connections, earlier] = await Promise.all([
      import("./jobs.ts"),
      this.#source().connections(),
      kept.unfinished(),
    ]);
    return (this.#work ??= {
      jobs: new Jobs(this.#env, kept, earlier, (data) => this.#live.emit({ event: "job", data })),
      connections,
    });
  }
}

/** A page of another origin cannot send this header unasked. */
const onlyThePage: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== "GET" && c.req.header(PAGE_HEADER) === undefined) {
    throw new ApiError(403, CODE.authentication, `This is for the page alone, which sends the header ${PAGE_HEADER}.`);
  }
  await next();
};

function noSuchJob(): never {
  throw new ApiError(404, CODE.notRouted, "There is no such job.");
}

function asFile(title: string): Record<string, string> {
  const name = title.replaceAll(/[^\w.-]+/g, "-").slice(0, 80);
  return {
    "content-type": "application/x-ndjson",
    "content-disposition": `attachment; filename="${name}.ndjson"`,
    "cache-control": "no-store",
  };
}
