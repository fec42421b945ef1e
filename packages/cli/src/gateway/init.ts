import { createProject, writeProject } from "@kvplug/gateway/project";
import type { NamespaceOption } from "@kvplug/server";
import type { AccountFlags } from "../connect/flags.ts";
import { Connections } from "../connect/connections.ts";
import { findNamespace } from "../connect/find-namespace.ts";
import type { Context } from "../context.ts";
import { print } from "../print.ts";
import { printable } from "../printable.ts";
import { shellQuote } from "../shell.ts";

/** The flags of `kvplug gateway init`. */
export interface InitFlags extends AccountFlags {
  namespace: NamespaceOption[];
  name: string;
  readOnly?: true;
}

/** Writes a project into a folder, and prints what to do with it. */
export async function init(context: Context, folder: string, flags: InitFlags): Promise<void> {
  const { name, readOnly } = flags;
  const namespaces = await withIds(context, flags);
  const { files, token } = await createProject({ name, namespaces, access: readOnly ? "read" : "read-write" });
  await writeProject(folder, files);
  await print(
    context,
    `${printable(folder)} contains a Worker for ${namespaces.map(({ title }) => printable(title)).join(", ")}.
Its token, which is shown only once:

  ${token}

To deploy it:

  cd ${shellQuote(folder)} && npm install
  npx wrangler deploy
  npx wrangler secret bulk .dev.vars

To test it, with the URL that wrangler prints:

  KVPLUG_GATEWAY_URL=URL KVPLUG_GATEWAY_TOKEN=${shellQuote(token)} npx kvplug gateway check

Clients then take URL/client/v4 as their baseURL, and this token. Before that, \`npm run dev\` serves it on this machine.
`,
  );
}

/** The namespaces with their ids, those that are not given looked up. */
async function withIds(context: Context, flags: InitFlags): Promise<{ title: string; id: string }[]> {
  await using connections = await Connections.open(context, flags);
  const found: { title: string; id: string }[] = [];
  for (const { title, id } of flags.namespace) {
    found.push({ title, id: id ?? (await findNamespace(connections.client(), title)) });
  }
  return found;
}
