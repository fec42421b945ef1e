import { ask, askFor, json } from "./http.ts";

/** A namespace of the account. */
export interface Namespace {
  readonly id: string;
  readonly title: string;
}

const PER_PAGE = 1000;

/** The path of an account's namespaces, or of one of them. */
export function pathOf(account: string, namespace?: string): string {
  const all = `/client/v4/accounts/${encodeURIComponent(account)}/storage/kv/namespaces`;
  return namespace === undefined ? all : `${all}/${encodeURIComponent(namespace)}`;
}

/** All namespaces, by title. */
export async function listNamespaces(account: string): Promise<Namespace[]> {
  const all: Namespace[] = [];
  for (let page = 1; ; page++) {
    const query = `?per_page=${PER_PAGE}&page=${page}&order=title`;
    const some = await askFor<Namespace[]>(`${pathOf(account)}${query}`);
    all.push(...some);
    if (some.length < PER_PAGE) return all;
  }
}

export function createNamespace(account: string, title: string): Promise<Namespace> {
  return askFor(pathOf(account), json("POST", { title }));
}

export async function renameNamespace(account: string, id: string, title: string): Promise<void> {
  await ask(pathOf(account, id), json("PUT", { title }));
}

export async function deleteNamespace(account: string, id: string): Promise<void> {
  await ask(pathOf(account, id), { method: "DELETE" });
}
