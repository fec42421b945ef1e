/**
 * The name of an option by which a client asks for what is stored, and for no copy that a proxy in front of it holds: who
 * edits a value must see what another one wrote.
 */
export const FRESH: unique symbol = Symbol.for("kvplug.fresh");

/** Options of a client that may want that. */
export interface Fresh {
  readonly [FRESH]?: boolean | undefined;
}
