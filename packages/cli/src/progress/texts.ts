import type { Milliseconds } from "@kvplug/core";

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `1,000,000`. */
export function countText(count: number): string {
  return number.format(count);
}

/** `1 key`, `2 keys`. */
export function keysText(count: number): string {
  return `${countText(count)} ${count === 1 ? "key" : "keys"}`;
}

/** `245.3 MB`, in thousands. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function timeText(time: Milliseconds): string {
  const seconds = time / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
