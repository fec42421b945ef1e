/** A numeric parameter of a structured header, such as `q` in `"default";q=1200;w=300`. */
export function headerParameter(header: string | undefined, name: string): number | undefined {
  const match = header === undefined ? null : new RegExp(`;\\s*${name}=(\\d+)`).exec(header);
  return match === null ? undefined : Number(match[1]);
}
