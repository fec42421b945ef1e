import type { Milliseconds } from "@kvplug/core";
import { long, slowly, streamOf, type Ending } from "./sources.ts";
import type { Reading } from "./recorded-kv.ts";
import type { Tools } from "./run.ts";

/** What any call may be given. */
export interface StepOptions {
  deadline?: Milliseconds | undefined;
  /** After what time its signal is aborted; 0: in the same turn. */
  abort?: Milliseconds | undefined;
  /** Whether the program awaits the call before it goes on. */
  awaited?: boolean | undefined;
}

/** What many writes are given as. */
export type Many = "array" | "iterable" | { pause: Milliseconds; ending: Ending };

/** A step of a program. */
export type Step =
  | ({ do: "put"; key: string; as: "text" | "json" | "bytes" | "metadata" | { stream: Ending } } & StepOptions)
  | ({ do: "delete" | "get" | "get bytes" | "getWithMetadata" | "getMetadata"; key: string } & StepOptions)
  | ({ do: "get stream"; key: string; reading: Reading } & StepOptions)
  | ({ do: "putMany"; keys: string[]; from: Many; long?: boolean | undefined } & StepOptions)
  | ({ do: "deleteMany"; keys: string[]; from: Many } & StepOptions)
  | ({ do: "getMany"; keys: string[] } & StepOptions)
  | ({ do: "clear" } & StepOptions)
  | ({ do: "wrap"; key: string; takes: Milliseconds; ttl?: Milliseconds | undefined } & StepOptions)
  | { do: "close" }
  | { do: "wait"; time: Milliseconds };

/** Runs the steps of a program. */
export async function runSteps(steps: readonly Step[], tools: Tools): Promise<void> {
  let calls = 0;
  for (const step of steps) {
    if (step.do === "wait") {
      await tools.wait(step.time);
      continue;
    }
    const outcome = call(step, ++calls, tools);
    if ("awaited" in step && step.awaited) await outcome;
  }
}

function call(step: Exclude<Step, { do: "wait" }>, id: number, { kv, wait, abortedAfter }: Tools): Promise<unknown> {
  if (step.do === "close") return kv.close();
  const { deadline, abort } = step;
  const options = {
    ...(deadline !== undefined && { deadline }),
    ...(abort !== undefined && { signal: abortedAfter(abort) }),
  };
  const from = <Item extends string | { key: string; value: string }>(
    items: Item[],
    many: Many,
  ): Iterable<Item> | AsyncIterable<Item> => {
    if (many === "array") return items;
    return many === "iterable" ? new Set(items) : slowly(items, wait, many.pause, many.ending);
  };
  switch (step.do) {
    case "put": {
      const value = valueOf(step.key, id);
      if (step.as === "json") return kv.put(step.key, JSON.stringify(value), options);
      if (step.as === "text") return kv.put(step.key, value, options);
      if (step.as === "bytes") return kv.put(step.key, Buffer.from(value), options);
      if (step.as === "metadata") return kv.put(step.key, value, { ...options, metadata: value });
      return kv.put(step.key, streamOf(value, step.as.stream), options);
    }
    case "delete":
      return kv.delete(step.key, options);
    case "get":
      return kv.get(step.key, options);
    case "get bytes":
      return kv.get(step.key, { ...options, type: "arrayBuffer" });
    case "getWithMetadata":
      return kv.getWithMetadata(step.key, options);
    case "getMetadata":
      return kv.getMetadata(step.key, options);
    case "get stream":
      return kv.getStream(step.key, step.reading, options);
    case "getMany":
      return kv.getMany(step.keys, options);
    case "putMany": {
      const pairs = pairsOf(step.keys, id).map(([key, value]) => ({ key, value: step.long ? long(value) : value }));
      return kv.putMany(from(pairs, step.from), options);
    }
    case "deleteMany":
      return kv.deleteMany(from(step.keys, step.from), options);
    case "clear":
      return kv.clear(options);
    case "wrap": {
      const ttl = step.ttl !== undefined && { ttl: step.ttl };
      return kv.wrap(step.key, valueOf(step.key, id), () => wait(step.takes), { ...options, ...ttl });
    }
  }
}

/** The value that a call writes to a key: no other call writes it. */
const valueOf = (key: string, id: number): string => `${key}#${id}`;

/** Where a key comes more than once, each of its values is another. */
function pairsOf(keys: readonly string[], id: number): [key: string, value: string][] {
  return keys.map((key, i) => [
    key,
    valueOf(key, id) + "'".repeat(keys.slice(0, i).filter((one) => one === key).length),
  ]);
}

/** The steps as lines of code that do the same. */
export function codeOf(steps: readonly Step[]): string[] {
  let calls = 0;
  return steps.map((step) => {
    if (step.do === "wait") return `await wait(${step.time});`;
    const expression = callCode(step, ++calls);
    return `${"awaited" in step && step.awaited ? "await" : "void"} kv.${expression};`;
  });
}

function callCode(step: Exclude<Step, { do: "wait" }>, id: number): string {
  if (step.do === "close") return "close()";
  const options: string[] = [];
  if (step.deadline !== undefined) options.push(`deadline: ${step.deadline}`);
  if (step.abort !== undefined) options.push(`signal: abortedAfter(${step.abort})`);
  const code = (method: string, ...args: string[]): string => {
    if (options.length > 0) args.push(`{ ${options.join(", ")} }`);
    return `${method}(${args.join(", ")})`;
  };
  const from = (items: string[], many: Many): string => {
    const list = `[${items.join(", ")}]`;
    if (many === "array") return list;
    return many === "iterable" ? `new Set(${list})` : `slowly(${list}, wait, ${many.pause}, "${many.ending}")`;
  };
  switch (step.do) {
    case "put": {
      const key = `"${step.key}"`;
      const value = `"${valueOf(step.key, id)}"`;
      if (step.as === "metadata") options.push(`metadata: ${value}`);
      if (step.as === "bytes") return code("put", key, `Buffer.from(${value})`);
      if (step.as === "json") return code("put", key, `JSON.stringify(${value})`);
      return typeof step.as === "string"
        ? code("put", key, value)
        : code("put", key, `streamOf(${value}, "${step.as.stream}")`);
    }
    case "get bytes":
      options.unshift('type: "arrayBuffer"');
      return code("get", `"${step.key}"`);
    case "delete":
    case "get":
    case "getWithMetadata":
    case "getMetadata":
      return code(step.do, `"${step.key}"`);
    case "get stream":
      return code("getStream", `"${step.key}"`, `"${step.reading}"`);
    case "getMany":
      return code("getMany", JSON.stringify(step.keys));
    case "putMany": {
      const pairs = pairsOf(step.keys, id).map(
        ([key, value]) => `{ key: "${key}", value: ${step.long ? `long("${value}")` : `"${value}"`} }`,
      );
      return code("putMany", from(pairs, step.from));
    }
    case "deleteMany":
      return code(
        "deleteMany",
        from(
          step.keys.map((key) => `"${key}"`),
          step.from,
        ),
      );
    case "clear":
      return code("clear");
    case "wrap":
      if (step.ttl !== undefined) options.push(`ttl: ${step.ttl}`);
      return code("wrap", `"${step.key}"`, `"${valueOf(step.key, id)}"`, `() => wait(${step.takes})`);
  }
}
