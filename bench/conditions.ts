import { cpus, totalmem, type, release } from "node:os";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** Where and how it ran. */
export interface Conditions {
  readonly command: string;
  readonly date: string;
  readonly rounds: number;
  readonly machine: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
}

const COMPARED = [
  "undici",
  "cloudflare",
  "unstorage",
  "@keyv/cloudflare-kv",
  "keyv",
  "lru-cache",
  "cache-manager",
  "cacheable",
  "bentocache",
] as const;

export function conditions(command: string, rounds: number): Conditions {
  const [cpu] = cpus();
  return {
    command,
    date: new Date().toISOString().slice(0, 10),
    rounds,
    machine: `${cpus().length} × ${cpu!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release().split("-")[0]}`,
    node: process.version,
    versions: Object.fromEntries(COMPARED.map((name) => [name, versionOf(name)])),
  };
}

/** The version of a package that is compared here. */
export function versionOf(name: string): string {
  const manifest = findPackageJSON(name, import.meta.url);
  return (JSON.parse(readFileSync(manifest!, "utf8")) as { version: string }).version;
}
