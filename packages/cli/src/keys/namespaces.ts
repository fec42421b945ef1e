import { askFirst } from "../ask.ts";
import { CommandError, EXIT } from "../command-error.ts";
import { Connections } from "../connect/connections.ts";
import { findNamespace, listNamespaces } from "../connect/find-namespace.ts";
import type { AccountFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { print, printLine } from "../print.ts";
import { printable } from "../printable.ts";

/** Prints the namespaces of the account, by title. */
export function list(context: Context, flags: AccountFlags & { json?: true }): Promise<void> {
  return Connections.use(context, flags, async (connections) => {
    const all = (await listNamespaces(connections.client())).toSorted((a, b) => (a.title < b.title ? -1 : 1));
    await print(
      context,
      all
        .map((one) => (flags.json ? `${JSON.stringify(one)}\n` : `${printable(one.id)}  ${printable(one.title)}\n`))
        .join(""),
    );
  });
}

/** Creates one, and prints its id. */
export function create(context: Context, title: string, flags: AccountFlags): Promise<void> {
  return Connections.use(context, flags, async (connections) => {
    await printLine(context, (await connections.client().namespaces.create(title)).id);
  });
}

/** Gives one another title. */
export function rename(context: Context, titleOrId: string, title: string, flags: AccountFlags): Promise<void> {
  return Connections.use(context, flags, async (connections) => {
    const client = connections.client();
    await client.namespaces.rename(await findNamespace(client, titleOrId), title);
  });
}

/** Deletes one, with all that is in it. */
export function remove(context: Context, titleOrId: string, flags: AccountFlags & { yes?: true }): Promise<void> {
  return Connections.use(context, flags, async (connections) => {
    const client = connections.client();
    const id = await findNamespace(client, titleOrId);
    await askFirst(context, `Delete the namespace '${titleOrId}' and everything in it?`, flags.yes);
    await client.namespaces.delete(id);
  });
}

/** Prints the id of a title. */
export function find(context: Context, title: string, flags: AccountFlags): Promise<void> {
  return Connections.use(context, flags, async (connections) => {
    const client = connections.client();
    const id = await findNamespace(client, title);
    // An id is taken as it is elsewhere; who looks for one wants to know.
    if (id === title && !(await listNamespaces(client)).some((one) => one.id === id)) {
      throw new CommandError(EXIT.access, `There is no namespace '${title}'.`);
    }
    await printLine(context, id);
  });
}
