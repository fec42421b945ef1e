import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../support/free-port.ts";

type Environment = Record<string, string>;

/** An app that runs. */
export interface RunningApp {
  /** Where it listens. */
  readonly url: string;
  readonly pid: number;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** What it has printed so far. */
  log(): string;
  stop(): Promise<void>;
}

/** An app that was installed and built in a folder of its own. */
export interface BuiltApp {
  readonly folder: string;
  /** What the build printed. */
  readonly buildLog: string;
  /** Starts it under Node, as it is deployed: one instance, or with ports of their own several. */
  start(env: Environment, port?: number): Promise<RunningApp>;
  /** Starts it as it is developed, with what its script `dev` names. */
  develop(env: Environment): Promise<RunningApp>;
  /** Runs one of its scripts to the end. @returns What that printed. @throws with what that printed, where it failed. */
  run(script: string, env: Environment): Promise<string>;
  /** Runs a file of its folder to the end. */
  node(file: string, env: Environment): Promise<string>;
  /** The files of the build that hold a text. */
  filesWith(text: string): Promise<string[]>;
  remove(): Promise<void>;
}

interface Manifest {
  scripts: { dev: string };
}

/** What tells one app from another. */
export interface AppShape {
  /** The folder of the build. */
  output: string;
  /** What of it Node starts. */
  entry: string;
  /** What it is started with. */
  args?: readonly string[];
  /** The script that builds it. Default: `build`. */
  script?: string;
  /** How the host is told to what `dev` starts. Default: `--host`. */
  hostOption?: string;
  /** Versions to install in place of the app's own. */
  versions?: Environment;
  /** Files to put beside the app's own: name to content. */
  files?: Record<string, string>;
}

const NITRO: AppShape = { output: ".output", entry: "server/index.mjs" };

/** Copies an app out of the clone, installs it with these packages, and builds it. */
export async function buildApp(
  source: string,
  tarballs: Environment,
  env: Environment,
  shape: AppShape = NITRO,
): Promise<BuiltApp> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-app-"));
  await cp(source, folder, {
    recursive: true,
    filter: (path) => !/node_modules|dist|\.output|\.nitro|\.nuxt|\.next/.test(path.slice(source.length)),
  });
  for (const [name, content] of Object.entries(shape.files ?? {})) await writeFile(join(folder, name), content);
  // The packages want each other's published versions: these are the ones about to be.
  await writeFile(
    join(folder, "pnpm-workspace.yaml"),
    JSON.stringify({ overrides: { ...tarballs, ...shape.versions } }),
  );
  await run(folder, ["install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile"], {});
  const buildLog = await run(folder, ["run", shape.script ?? "build"], env);
  const output = join(folder, shape.output);
  // Nitro 3 keeps pages by host and port.
  const usual = await freePort();
  return {
    folder,
    buildLog,
    start: (env, port = usual) =>
      start(folder, port, [process.execPath, join(output, shape.entry), ...(shape.args ?? [])], {
        ...env,
        PORT: String(port),
        HOST: "127.0.0.1",
        HOSTNAME: "127.0.0.1",
        NODE_ENV: "production",
      }),
    async develop(env) {
      const { scripts } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
      const [tool, ...args] = scripts.dev.split(" ");
      const command = join(folder, "node_modules/.bin", tool!);
      return start(
        folder,
        usual,
        [command, ...args, "--port", String(usual), shape.hostOption ?? "--host", "127.0.0.1"],
        {
          ...outerEnvironment(),
          ...env,
        },
      );
    },
    run: (script, env) => run(folder, ["run", script], env),
    node: (file, env) => run(folder, [file], env, process.execPath),
    async filesWith(text) {
      const entries = await readdir(output, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
      const holds = await Promise.all(files.map(async (file) => (await readFile(file)).includes(text)));
      return files.filter((_, i) => holds[i]);
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

async function run(cwd: string, args: string[], env: Environment, command = "pnpm"): Promise<string> {
  const child = promisify(execFile)(command, args, {
    cwd,
    env: { ...outerEnvironment(), ...env },
    maxBuffer: 2 ** 26,
  });
  child.child.stdin?.end();
  try {
    const { stdout, stderr } = await child;
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Vitest's own NODE_ENV would make it a test build, TEST keeps the tools silent, and its workers' settings are not the app's. */
function outerEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, TEST: __, VITEST: ___, ...outer } = process.env;
  return outer;
}

async function start(
  cwd: string,
  port: number,
  [command, ...args]: [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<RunningApp> {
  // In a group of its own, which ends with all that it started.
  const app = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(app, "exit");
  let log = "";
  const listening = new Promise<void>((resolve) => {
    for (const stream of [app.stdout, app.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        if (/listening on|server built in|ready in|➜/i.test(log)) resolve();
      });
    }
  });
  // Nothing that never listens is left running.
  const late = setTimeout(() => process.kill(-app.pid!, "SIGKILL"), 240_000);
  await Promise.race([
    listening,
    ended.then(() => {
      throw new Error(`The app ended before it listened:\n${log}`);
    }),
  ]).finally(() => clearTimeout(late));
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    pid: app.pid!,
    fetch: (path, init) => fetch(url + path, init),
    log: () => log,
    async stop() {
      if (app.exitCode === null && app.signalCode === null) process.kill(-app.pid!, "SIGKILL");
      await ended;
    },
  };
}
