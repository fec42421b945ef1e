import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { About, Budget, Figures, JobState, LoggedRequest } from "../../src/protocol.ts";
import { headerBudget, messageOf } from "../api/http.ts";
import { listNamespaces, type Namespace } from "../api/namespaces.ts";
import { listenLive, readAbout } from "../api/process.ts";
import { openNames, type NamesDb } from "../keys/names-db.ts";

/** How many requests the log holds. */
const MOST_LOGGED = 2000;

/** What all of the page knows. */
export const about: Signal<About | undefined> = signal(undefined);
export const namespaces: Signal<readonly Namespace[]> = signal([]);
export const failure: Signal<string | undefined> = signal(undefined);
/** What was done last, for a moment; screen readers say it. */
export const notice: Signal<string> = signal("");
export const isConnected: Signal<boolean> = signal(true);
export const figures: Signal<Figures | undefined> = signal(undefined);
export const jobs: Signal<ReadonlyMap<string, JobState>> = signal(new Map());
export const log: Signal<readonly LoggedRequest[]> = signal([]);
/** Sizes of values that were read, by namespace and name. */
const sizes: Map<string, Map<string, number>> = new Map();

/** What is left of the budget: as the process knows it, else as the last answer said. */
export const budget: ReadonlySignal<Budget | undefined> = computed(() => figures.value?.budget ?? headerBudget.value);

/** Whether a real account is shown. */
export const isRemote: ReadonlySignal<boolean> = computed(() => about.value?.place === "remote");
export const mayWrite: ReadonlySignal<boolean> = computed(() => about.value?.readOnly === false);

let names: NamesDb | undefined;

/** Where names are kept. */
export function namesDb(): NamesDb | undefined {
  return names;
}

/** The account of the paths. */
export function account(): string {
  return about.value?.account ?? "";
}

/** Reads what the page needs to begin, and listens from then on. */
export async function begin(): Promise<void> {
  try {
    const now = await readAbout();
    // Before anything is listed, which it may hold already.
    names = await openNames(now.run);
    const all = await listNamespaces(now.account);
    batch(() => {
      about.value = now;
      namespaces.value = all;
    });
  } catch (error) {
    failure.value = messageOf(error);
    return;
  }
  let waiting: LoggedRequest[] = [];
  listenLive({
    figures: (now) => void (figures.value = now),
    job: (state) => void (jobs.value = new Map(jobs.value).set(state.id, state)),
    connected(is) {
      isConnected.value = is;
      // The process sends the latest requests again.
      if (is) log.value = [];
    },
    request(request) {
      // Many may come at once: they are shown together.
      if (waiting.push(request) > 1) return;
      setTimeout(() => {
        log.value = [...log.value, ...waiting].slice(-MOST_LOGGED);
        waiting = [];
      }, 100);
    },
  });
}

export async function refreshNamespaces(): Promise<void> {
  namespaces.value = await listNamespaces(account());
}

/** The title of a namespace. */
export function titleOf(id: string): string {
  return namespaces.value.find((one) => one.id === id)?.title ?? id;
}

/** The sizes that are known of a namespace's values. */
export function sizesIn(namespace: string): Map<string, number> {
  let known = sizes.get(namespace);
  if (known === undefined) sizes.set(namespace, (known = new Map()));
  return known;
}

/** Says what was done. */
export function say(text: string): void {
  // The same text twice is said twice.
  notice.value = notice.value === text ? `${text} ` : text;
}
