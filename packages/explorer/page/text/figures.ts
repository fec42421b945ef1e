const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `1,000,000`. */
export function countText(count: number): string {
  return counts.format(count);
}

/** `1 key`, `2 keys`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** `245.3 MB`, in thousands. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `42 s`, `3 min`, `2 h 5 min`, `12 d`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min`;
  if (whole < 172_800) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${countText(Math.floor(whole / 86_400))} d`;
}

/** What is left until a moment in Unix seconds: `in 5 min`, or `expired`. */
export function untilText(expiration: number, now: number = Date.now() / 1000): string {
  return expiration <= now ? "expired" : `in ${durationText(expiration - now)}`;
}

/** A moment in Unix seconds, on this machine's clock: `2030-03-17 18:46:40`. */
export function momentText(expiration: number): string {
  const date = new Date(expiration * 1000);
  if (Number.isNaN(date.getTime())) return String(expiration);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
