import { readFileSync } from "node:fs";

/** What a process holds in memory, in bytes. */
export function residentOf(pid: number): number {
  return figureOf(pid, "VmRSS");
}

/** The most that it has held so far. */
export function mostResidentOf(pid: number): number {
  return figureOf(pid, "VmHWM");
}

function figureOf(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)!;
  return Number(kilobytes) * 1024;
}
