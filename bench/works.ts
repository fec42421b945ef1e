/**
 * What each client is made to do, and what is expected of kvplug.
 *
 * @module
 */
import type { Client } from "./clients.ts";

/** The most keys that a work reads: so many are on the server. */
export const KEYS = 10_000;

/** What begins the keys that are to be deleted, and how many there are. */
export const DOOMED = "doomed:";
export const DOOMED_KEYS = 10_000;

/** What begins the keys that are to be listed, and how many there are. */
export const LISTED = "listed:";
export const LISTED_KEYS = 50_000;

/** What is stored: 1 KiB. */
export const VALUE: string = "v".repeat(1024);

/** What kvplug must reach. CPU and throughput are multiples of the undici pool's. */
export interface Goals {
  readonly maxRequests: number;
  readonly maxCPU?: number;
  readonly minThroughput?: number;
}

export interface Work {
  readonly title: string;
  readonly operations: number;
  /** Of the server, in milliseconds. */
  readonly latency: number;
  /** How many turns each client has in a round: more where a turn is short and its goal is tight. */
  readonly turns: number;
  readonly goals?: Goals;
  /** Whether it takes away what is under {@link DOOMED}, which is then put there before each turn. */
  readonly dooms?: boolean;
  /** The method that a client must have. Default: it needs none that only some have. */
  readonly needs?: "list" | "clear";
  run(client: Client, operations: number): Promise<unknown>;
}

export type WorkName =
  | "lone"
  | "loops"
  | "gets"
  | "puts"
  | "deletes"
  | "list"
  | "clear"
  | "loopsFar"
  | "getsFar"
  | "loopsFarAway"
  | "getsFarAway";

/** In the order of the table. */
export const WORKS: Readonly<Record<WorkName, Work>> = {
  lone: {
    title: "gets, one after the other",
    operations: 2_000,
    latency: 0,
    turns: 5,
    goals: { maxRequests: 2_000, maxCPU: 1.15 },
    run: async (client, operations) => {
      for (let i = 0; i < operations; i++) await get(client, i);
    },
  },
  loops: {
    title: "gets in 64 loops",
    operations: KEYS,
    latency: 0,
    turns: 1,
    goals: { maxRequests: 400, minThroughput: 3.5 },
    run: getInLoops,
  },
  gets: {
    title: "gets in one tick",
    operations: KEYS,
    latency: 0,
    turns: 1,
    goals: { maxRequests: 100, minThroughput: 6 },
    run: getAll,
  },
  puts: {
    title: "puts in one tick",
    operations: 10_000,
    latency: 0,
    turns: 1,
    goals: { maxRequests: 2, minThroughput: 8 },
    run: putAll,
  },
  deletes: {
    title: "deletes in one tick",
    operations: DOOMED_KEYS,
    latency: 0,
    turns: 1,
    goals: { maxRequests: 1 },
    dooms: true,
    run: (client, operations) =>
      Promise.all(Array.from({ length: operations }, (_, i) => client.delete(DOOMED + keyOf(i)))),
  },
  list: {
    title: "keys listed by their names",
    operations: LISTED_KEYS,
    latency: 0,
    turns: 1,
    goals: { maxRequests: 50 },
    needs: "list",
    run: async (client, operations) => {
      const names = await client.list!(LISTED);
      if (names !== operations) throw new Error(`${names} of ${operations} keys were listed.`);
    },
  },
  clear: {
    title: "keys cleared by their prefix",
    operations: DOOMED_KEYS,
    latency: 0,
    turns: 1,
    goals: { maxRequests: 11 },
    dooms: true,
    needs: "clear",
    run: (client) => client.clear!(DOOMED),
  },
  loopsFar: {
    title: "gets in 64 loops, at 10 ms of latency",
    operations: 2_000,
    latency: 10,
    turns: 1,
    run: getInLoops,
  },
  getsFar: {
    title: "gets in one tick, at 10 ms of latency",
    operations: KEYS,
    latency: 10,
    turns: 1,
    goals: { maxRequests: 100 },
    run: getAll,
  },
  loopsFarAway: {
    title: "gets in 64 loops, at 50 ms of latency",
    operations: 2_000,
    latency: 50,
    turns: 1,
    run: getInLoops,
  },
  getsFarAway: {
    title: "gets in one tick, at 50 ms of latency",
    operations: KEYS,
    latency: 50,
    turns: 1,
    goals: { maxRequests: 100, minThroughput: 20 },
    run: getAll,
  },
};

/** The keys that are there to be read. */
export function keyOf(index: number): string {
  return `user:${index}`;
}

/** Reads a key, and makes sure that its value came. */
export async function get(client: Client, index: number): Promise<void> {
  const value = await client.get(keyOf(index));
  if (value?.length !== VALUE.length) throw new Error(`${keyOf(index)} is not what was stored.`);
}

function getInLoops(client: Client, operations: number): Promise<unknown> {
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < operations) await get(client, next++);
  };
  return Promise.all(Array.from({ length: 64 }, loop));
}

function getAll(client: Client, operations: number): Promise<unknown> {
  return Promise.all(Array.from({ length: operations }, (_, i) => get(client, i)));
}

let written = 0;

/** Each time keys of their own, since KV does not take one key twice in a second. */
function putAll(client: Client, operations: number): Promise<unknown> {
  return Promise.all(Array.from({ length: operations }, () => client.put(`${process.pid}:${written++}`, VALUE)));
}
