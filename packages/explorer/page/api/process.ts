import { PROCESS_PATH } from "../../src/protocol.ts";
import type {
  About,
  DiffLine,
  FaultSettings,
  Figures,
  JobRequest,
  JobState,
  LoggedRequest,
} from "../../src/protocol.ts";
import type { ListedKey } from "../keys/key-table.ts";
import { ask, json } from "./http.ts";

export async function readAbout(): Promise<About> {
  return (await ask(`${PROCESS_PATH}about`)).json();
}

/** Receives the events of the process. */
export interface LiveListeners {
  figures(figures: Figures): void;
  request(request: LoggedRequest): void;
  job(state: JobState): void;
  /** Whether the process is there. */
  connected(isConnected: boolean): void;
}

/**
 * Listens to the events of the process while the page is visible, and reconnects when the process restarts. A browser has
 * six connections to an origin for all of its tabs, and a hidden tab must not hold one of them.
 */
export function listenLive(listeners: LiveListeners): void {
  let source = document.hidden ? undefined : open(listeners);
  document.addEventListener("visibilitychange", () => {
    source?.close();
    source = document.hidden ? undefined : open(listeners);
  });
}

function open(listeners: LiveListeners): EventSource {
  const source = new EventSource(`${PROCESS_PATH}live`);
  source.addEventListener("open", () => listeners.connected(true));
  source.addEventListener("error", () => listeners.connected(false));
  for (const event of ["figures", "request", "job"] as const) {
    source.addEventListener(event, ({ data }: MessageEvent<string>) => {
      listeners[event](JSON.parse(data) as never);
    });
  }
  return source;
}

export async function readFaults(): Promise<FaultSettings> {
  return (await ask(`${PROCESS_PATH}faults`)).json();
}

export async function setFaults(settings: FaultSettings): Promise<FaultSettings> {
  return (await ask(`${PROCESS_PATH}faults`, json("PUT", settings))).json();
}

/** Starts work on many keys. @returns its id. */
export async function startJob(request: JobRequest): Promise<string> {
  const { id } = (await (await ask(`${PROCESS_PATH}jobs`, json("POST", request))).json()) as { id: string };
  return id;
}

/** `continue` goes on where it stopped; `forget` drops what is over, with its file. */
export async function steerJob(id: string, action: "pause" | "resume" | "stop" | "continue" | "forget"): Promise<void> {
  await ask(`${PROCESS_PATH}jobs/${id}/${action}`, { method: "POST" });
}

export async function differencesOf(id: string): Promise<DiffLine[]> {
  return (await ask(`${PROCESS_PATH}jobs/${id}/differences`)).json();
}

/** Where a browser downloads an export from, once its job is done. */
export function exportLink(id: string, title: string): string {
  return `${PROCESS_PATH}exports/${id}?${new URLSearchParams({ title }).toString()}`;
}

/** The records of some keys, as a file. */
export async function exportKeys(namespace: string, title: string, keys: readonly ListedKey[]): Promise<Blob> {
  const query = new URLSearchParams({ namespace, title });
  return (await ask(`${PROCESS_PATH}export?${query.toString()}`, json("POST", keys))).blob();
}

/** Imports the records of a file, which is not read into memory; resolves when that is over. */
export async function importFile(namespace: string, file: File): Promise<void> {
  const query = new URLSearchParams({ namespace, file: file.name });
  await ask(`${PROCESS_PATH}import?${query.toString()}`, { method: "POST", body: file });
}
