/** The bytes of a line. */
export const BYTES_PER_LINE = 16;

/** A line of a hex view: `0000001f  89 50 4e 47 …  .PNG`. */
export function hexLine(bytes: Uint8Array, line: number): string {
  const start = line * BYTES_PER_LINE;
  const some = bytes.subarray(start, start + BYTES_PER_LINE);
  const hex = Array.from(some, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = Array.from(some, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `${start.toString(16).padStart(8, "0")}  ${hex.padEnd(3 * BYTES_PER_LINE - 1)}  ${text}`;
}

/** The first lines of a hex view. */
export function hexLines(bytes: Uint8Array, most: number): string {
  const lines = Math.min(most, Math.ceil(bytes.length / BYTES_PER_LINE));
  return Array.from({ length: lines }, (_, line) => hexLine(bytes, line)).join("\n");
}
