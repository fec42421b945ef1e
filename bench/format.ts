/**
 * How figures are shown.
 *
 * @module
 */

/** A whole number, with separators. */
export function count(number: number): string {
  return number.toLocaleString("en", { maximumFractionDigits: 0 });
}

/** A number to two digits that count, without an exponent: 0.024, 1.2, 35, 1,200. */
export function ratio(number: number): string {
  return Number(number.toPrecision(2)).toLocaleString("en", { maximumFractionDigits: 4 });
}

/** Rows of a Markdown table, the first column to the left and all others to the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heads.map((_, i) => (i === 0 ? "---" : "---:"));
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
