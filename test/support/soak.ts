import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createKV, type KV } from "@kvplug/core";
import type { Milliseconds } from "@kvplug/core/seam";
import { openKV } from "@kvplug/server";
import { History, type State } from "./history.ts";
import { KillableServer } from "./killable-server.ts";

const NAMESPACE = { title: "soak", id: "soak" };
const KEYS = 20_000;
const LOOPS = 64;
const FAULTS = { errors: 0.03, html: 0.02, drops: 0.02, unsuccessfulKeys: 0.01 };
const KILLS = 2;

/** How long a soak goes on: for a time, or until so much is done, however fast the machine is. */
export type SoakLength =
  | { readonly duration: Milliseconds; readonly operations?: never }
  | { readonly operations: number; readonly duration?: never };

/** What became of a soak. */
export interface SoakFigures {
  operations: number;
  acknowledgedWrites: number;
  rejected: number;
  requests: number;
  retries: number;
  kills: number;
  /** Keys that do not hold their last acknowledged write, nor a later one. */
  lost: string[];
  /** Reads that found less than what was acknowledged when they were issued. */
  staleReads: string[];
}

/**
 * Mixed load from one driver on a server that fails at 5 % of its requests, drops 2 % of its
 * connections, and is killed and started again while it runs; then what is in its file is held
 * against what was acknowledged.
 */
export async function soak(length: SoakLength): Promise<SoakFigures> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-soak-"));
  try {
    const data = join(folder, "kv.db");
    await using server = await KillableServer.start({ data, faults: FAULTS, namespaces: [NAMESPACE] });
    const kv = createKV({ baseURL: server.url, accountId: "local", apiToken: "any", namespaceId: NAMESPACE.id });
    const load = new Load(kv, length);
    const loops = Promise.all(Array.from({ length: LOOPS }, () => load.loop()));
    for (let i = 0; i < KILLS; i++) {
      await load.untilDone((i + 1) / (KILLS + 1));
      await server.restart();
    }
    await loops;
    await kv.close();
    await server.kill();
    await using file = openKV({ data, namespace: NAMESPACE.title });
    const { requests, retries } = kv.stats();
    return {
      ...load.counts,
      requests,
      retries,
      kills: KILLS,
      staleReads: load.staleReads,
      lost: await load.lost(file),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Calls at random, one after the other in each loop, and what must have come of them. */
class Load {
  readonly counts = { operations: 0, acknowledgedWrites: 0, rejected: 0 };
  readonly staleReads: string[] = [];
  readonly #kv: KV;
  readonly #length: SoakLength;
  readonly #began = performance.now();
  readonly #history = new History();

  constructor(kv: KV, length: SoakLength) {
    this.#kv = kv;
    this.#length = length;
  }

  /** Resolves when such a share of it is done. */
  async untilDone(share: number): Promise<void> {
    while (this.#done < share) await sleep(5);
  }

  get #done(): number {
    const { duration, operations } = this.#length;
    return operations === undefined
      ? (performance.now() - this.#began) / duration
      : this.counts.operations / operations;
  }

  async loop(): Promise<void> {
    while (this.#done < 1) {
      await this.#operation();
      // A moment to think, as programs have.
      await sleep(Math.random() * 10);
    }
  }

  /** The keys whose value is neither that of the last acknowledged write, nor of a later one. */
  async lost(file: { get(key: string): Promise<State> }): Promise<string[]> {
    const lost: string[] = [];
    for (const key of this.#history.keys()) {
      if (!this.#history.isFrom(key, this.#history.first(key), await file.get(key))) lost.push(key);
    }
    return lost;
  }

  #operation(): Promise<void> {
    const kv = this.#kv;
    const value = `value ${this.counts.operations++}`;
    const key = anyKey();
    const choice = Math.random();
    if (choice < 0.3) return this.#write([key], value, () => kv.put(key, value, { metadata: value }));
    if (choice < 0.4) return this.#write([key], null, () => kv.delete(key));
    if (choice < 0.75) return this.#read([key], async () => [await kv.get(key)]);
    const keys = [...new Set(Array.from({ length: 20 }, anyKey))];
    if (choice < 0.85) return this.#read(keys, async () => [...(await kv.get(keys)).values()]);
    if (choice < 0.95) return this.#write(keys, value, () => kv.putMany(keys.map((each) => ({ key: each, value }))));
    return this.#write(keys, null, () => kv.deleteMany(keys));
  }

  async #write(keys: string[], state: State, write: () => Promise<void>): Promise<void> {
    const writes = keys.map((key) => [key, this.#history.called(key, state, keys.length === 1)] as const);
    try {
      await write();
      for (const [key, number] of writes) this.#history.acknowledged(key, number);
      this.counts.acknowledgedWrites += keys.length;
    } catch {
      for (const [key, number] of writes) this.#history.rejected(key, number);
      this.counts.rejected++;
    }
  }

  async #read(keys: string[], read: () => Promise<State[]>): Promise<void> {
    const from = keys.map((key) => this.#history.firstToRead(key));
    const found = await read().catch(() => undefined);
    if (found === undefined) this.counts.rejected++;
    for (const [i, state] of (found ?? []).entries()) {
      if (!this.#history.isFrom(keys[i]!, from[i]!, state)) this.staleReads.push(keys[i]!);
    }
  }
}

/** Some keys are wanted more often than others. */
function anyKey(): string {
  return `key ${Math.floor(KEYS * Math.random() ** 2)}`;
}
