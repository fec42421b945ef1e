/**
 * A ready wrangler project for a gateway.
 *
 * @module
 */
import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KVError, checkOptionNames } from "@kvplug/core/seam";
import { TOKEN_SECRET_PREFIX, createToken, hashToken } from "@kvplug/server/access";
import type { TokenAccess } from "@kvplug/server/access";
import manifest from "../package.json" with { type: "json" };
import { checkOptions } from "./options.ts";

/** Options of {@link createProject}. */
export interface ProjectOptions {
  /** The namespaces to bind. */
  namespaces: readonly { id: string; title: string }[];
  /** The Worker's name: lower-case letters, digits and dashes. Default: `"kv-gateway"`. */
  name?: string | undefined;
  /** The account id that clients must use. Default: any. */
  account?: string | undefined;
  /** What the token may do. Default: `"read-write"`. */
  access?: TokenAccess | undefined;
}

/** A project that is not written yet. */
export interface GatewayProject {
  /** The text of each file, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** The token. The files contain only its hash. */
  readonly token: string;
}

/** The file that holds the secrets until they are uploaded. */
const SECRETS = ".dev.vars";

/** The name of the secret that a new project begins with. */
const FIRST_SECRET: string = `${TOKEN_SECRET_PREFIX}MAIN`;

/**
 * Creates a wrangler project: configuration, source, and a hashed token in `.dev.vars`, which `wrangler dev` reads and
 * `wrangler secret bulk .dev.vars` uploads.
 *
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
 * @example
 * const { files, token } = await createProject({ namespaces: [{ id: "0f2a…", title: "sessions" }] });
 * await writeProject("kv-gateway", files);
 */
export async function createProject(options: ProjectOptions): Promise<GatewayProject> {
  checkOptionNames("createProject", options, ["namespaces", "name", "account", "access"]);
  const { namespaces, name = "kv-gateway", account, access = "read-write" } = options;
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
    throw new KVError(
      "KV_INVALID",
      `A Worker's name may have lower-case letters, digits and dashes, unlike ${JSON.stringify(name)}.`,
    );
  }
  if (access !== "read" && access !== "read-write") {
    throw new KVError("KV_INVALID", `access must be read or read-write, not ${JSON.stringify(access)}.`);
  }
  const bound = bindingsOf(namespaces);
  // Whatever the Worker would refuse as it starts is refused now.
  checkOptions({ namespaces: bound, account });
  const token = createToken();
  const secret = { sha256: await hashToken(token), access };
  return { token, files: filesOf(name, bound, account, secret) };
}

/**
 * Writes a project's files into a folder, which is created if missing.
 *
 * @throws {KVError} `KV_INVALID` if one of the files exists; then none is written.
 */
export async function writeProject(folder: string, files: GatewayProject["files"]): Promise<void> {
  const paths = Object.keys(files).map((path) => join(folder, path));
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found) throw new KVError("KV_INVALID", `${path} already exists. Choose another folder, or remove it.`);
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    // Secrets are for this user alone.
    await writeFile(join(folder, path), text, { flag: "wx", mode: path === SECRETS ? 0o600 : 0o666 });
  }
}

function filesOf(
  name: string,
  bound: Readonly<Record<string, { id: string; title: string }>>,
  account: string | undefined,
  secret: object,
): Record<string, string> {
  const config = {
    $schema: "node_modules/wrangler/config-schema.json",
    name,
    main: "src/index.ts",
    compatibility_date: "2026-01-01",
    kv_namespaces: Object.entries(bound).map(([binding, { id }]) => ({ binding, id })),
  };
  const packageJson = {
    name,
    private: true,
    type: "module",
    scripts: { dev: "wrangler dev", deploy: "wrangler deploy", secrets: "wrangler secret bulk .dev.vars" },
    dependencies: { "@kvplug/gateway": `^${manifest.version}` },
    devDependencies: { wrangler: "^4.0.0" },
  };
  const options = account === undefined ? { namespaces: bound } : { namespaces: bound, account };
  return {
    "package.json": toJson(packageJson),
    "wrangler.jsonc": toJson(config),
    "src/index.ts": `import { createGateway } from "@kvplug/gateway";\n\nexport default createGateway(${JSON.stringify(options, null, 2)});\n`,
    [SECRETS]: `${FIRST_SECRET}='${JSON.stringify(secret)}'\n`,
    ".gitignore": "node_modules\n.wrangler\n.dev.vars\n",
  };
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Each namespace by the name of its binding: its title, as far as an identifier can hold it. */
function bindingsOf(namespaces: ProjectOptions["namespaces"]): Record<string, { id: string; title: string }> {
  if (!Array.isArray(namespaces)) throw new KVError("KV_INVALID", "namespaces must be an array of ids and titles.");
  const bound: Record<string, { id: string; title: string }> = {};
  for (const { id, title } of namespaces) {
    const plain = String(title)
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "");
    const wanted = /^[A-Z]/.test(plain) ? plain : `KV${plain === "" ? "" : "_"}${plain}`;
    let binding = wanted;
    for (let number = 2; binding in bound; number++) binding = `${wanted}_${number}`;
    bound[binding] = { id, title };
  }
  return bound;
}
