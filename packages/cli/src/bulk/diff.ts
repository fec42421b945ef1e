import { CommandError, EXIT, usageError } from "../command-error.ts";
import { Connections, type Target } from "../connect/connections.ts";
import type { PlaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { printLine } from "../print.ts";
import { printable } from "../printable.ts";
import { longWork, type LongWork } from "../progress/long-work.ts";
import type { ProgressFlags } from "../progress/options.ts";
import { keysText } from "../progress/texts.ts";
import { BEGINNING, readEntries } from "./entries/read-entries.ts";
import type { Entry } from "./formats/records.ts";

export interface DiffFlags extends PlaceFlags, ProgressFlags {
  prefix?: string;
}

type Field = "value" | "metadata" | "expiration";

/** Prints what only one of two namespaces has, and what differs. */
export function diff(context: Context, first: string, second: string, flags: DiffFlags): Promise<void> {
  return Connections.use(context, flags, (connections) => compare(context, connections, first, second, flags));
}

async function compare(
  context: Context,
  connections: Connections,
  first: string,
  second: string,
  flags: DiffFlags,
): Promise<void> {
  const targets = [await connections.target(first), await connections.target(second)] as const;
  if (targets[0].id === targets[1].id && targets[0].account === targets[1].account)
    throw usageError("Both are the same namespace. Name another one.");
  let differences = 0;
  await longWork(context, { verb: "diff", flags, targets, hint: undefined }, async (work) => {
    for await (const { key, only, fields } of differing(targets, flags.prefix ?? "", work)) {
      differences++;
      const sign = only === undefined ? "~" : only === "first" ? "-" : "+";
      const line = `${sign} ${printable(key)}${fields ? `  (${fields.join(", ")})` : ""}`;
      await printLine(context, flags.json ? JSON.stringify({ key, only, differs: fields }) : line);
    }
  });
  // What it printed says it.
  if (differences === 0) return;
  const said = flags.quiet || flags.json ? "" : `${keysText(differences)} ${differences === 1 ? "differs" : "differ"}.`;
  throw new CommandError(EXIT.different, said);
}

interface Difference {
  readonly key: string;
  /** Where it is, if only one of them has it. */
  readonly only?: "first" | "second" | undefined;
  readonly fields?: readonly Field[] | undefined;
}

/** Both are listed in the same order, so that one walk through both is enough. */
async function* differing(
  targets: readonly [Target, Target],
  prefix: string,
  { stop, progress }: LongWork,
): AsyncGenerator<Difference> {
  const [left, right] = targets.map((target) => entries(target, prefix, stop)) as [Side, Side];
  let [a, b] = await Promise.all([left.next(), right.next()]);
  let [keys, bytes] = [0, 0];
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : Buffer.compare(Buffer.from(a.value.name), Buffer.from(b.value.name));
    const { name, value } = (order <= 0 ? a.value : b.value) as Entry;
    keys++;
    bytes += Buffer.byteLength(value);
    if (order !== 0) yield { key: name, only: order < 0 ? "first" : "second" };
    else {
      const fields = fieldsOf(a.value as Entry, b.value as Entry);
      if (fields.length > 0) yield { key: name, fields };
    }
    if (order <= 0) a = await left.next();
    if (order >= 0) b = await right.next();
    progress.update({ keys, bytes });
  }
}

type Side = AsyncGenerator<Entry, undefined>;

async function* entries(target: Target, prefix: string, stop: AbortSignal): Side {
  for await (const part of readEntries(target, prefix, BEGINNING, stop)) {
    for (const entry of part.entries) yield entry;
  }
  return undefined;
}

function fieldsOf(a: Entry, b: Entry): Field[] {
  const fields: Field[] = [];
  if (!(a.value === b.value || Buffer.from(a.value as string).equals(Buffer.from(b.value as string))))
    fields.push("value");
  if (canonical(a.metadata) !== canonical(b.metadata)) fields.push("metadata");
  if (a.expiration !== b.expiration) fields.push("expiration");
  return fields;
}

/** The order of an object's fields means nothing. */
function canonical(metadata: unknown): string | undefined {
  return JSON.stringify(metadata, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
