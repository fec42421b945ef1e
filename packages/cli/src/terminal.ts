import type { Context } from "./context.ts";

/** The columns of a terminal that does not report them. */
const COLUMNS = 80;

/** The columns of a terminal. One of 0 columns does not know them. */
export function columnsOf({ columns = 0 }: Context["stderr"]): number {
  return columns > 0 ? columns : COLUMNS;
}

/** A terminal that knows its columns, for what would draw nothing on one of 0. */
export function withColumns<Stream extends Context["stderr"]>(stream: Stream): Stream {
  if (stream.columns === columnsOf(stream)) return stream;
  return new Proxy(stream, {
    get(target, name) {
      if (name === "columns") return COLUMNS;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
