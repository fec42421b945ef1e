import { existsSync } from "node:fs";
import { startServer, type NamespaceOption } from "@kvplug/server";

const DEFAULT: readonly NamespaceOption[] = [{ title: "local" }];

/** The namespaces that shall exist where no flag names one: those of the data, or the default where there is none. */
export async function namespacesToServe(data: string | undefined): Promise<readonly NamespaceOption[]> {
  if (data === undefined || !existsSync(data)) return DEFAULT;
  // The driver with its transport is most of what there is to load: it is worth its time here only.
  const { createClient } = await import("@kvplug/core");
  await using server = await startServer({ data });
  await using client = createClient({ baseURL: server.url, accountId: server.account, apiToken: "any" });
  const existing: NamespaceOption[] = [];
  for await (const { id, title } of client.namespaces.list({ order: "title" })) existing.push({ id, title });
  return existing.length > 0 ? existing : DEFAULT;
}
