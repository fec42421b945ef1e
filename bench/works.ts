/**
 * What each client is made to do, and what is expected of kvplug.
 *
 * @module
 */
import type { Client } from "./clients.ts";

/** The most keys that a work reads: so many are on the server. */
export const KEYS = 10_000;

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
  readonly goals: Goals;
  run(client: Client, operations: number): Promise<unknown>;
}

export type WorkName = "lone" | "loops" | "gets" | "puts" | "getsFarAway";

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
    run: (client, operations) => {
      let next = 0;
      const loop = async (): Promise<void> => {
        while (next < operations) await get(client, next++);
      };
      return Promise.all(Array.from({ length: 64 }, loop));
    },
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

function getAll(client: Client, operations: number): Promise<unknown> {
  return Promise.all(Array.from({ length: operations }, (_, i) => get(client, i)));
}

let written = 0;

/** Each time keys of their own, since KV does not take one key twice in a second. */
function putAll(client: Client, operations: number): Promise<unknown> {
  return Promise.all(Array.from({ length: operations }, () => client.put(`${process.pid}:${written++}`, VALUE)));
}
