import { inspect } from "node:util";
import type { CacheOptions } from "@kvplug/cache";
import type { KVClientOptions, Milliseconds } from "@kvplug/core";
import * as fc from "fast-check";
import { LAG, LONG_LAG, type ApiOptions } from "./store.ts";
import type { Fate } from "./fates.ts";
import type { Setup } from "./run.ts";
import { codeOf, type Many, type Step, type StepOptions } from "./steps.ts";

/** A random program, and where it runs. */
export interface Program {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

const KEYS = ["a", "b", "c"];
const anyKey = fc.constantFrom("a", "a", "a", "b", "b", "c");
const anyKeys = fc.uniqueArray(anyKey, { minLength: 1, maxLength: 3, size: "max" });
const anyKeyList = fc.array(anyKey, { minLength: 1, maxLength: 4, size: "max" });

/** Few times, so that much happens at once; the first is the simplest. */
const time = (...times: [Milliseconds, ...Milliseconds[]]): fc.Arbitrary<Milliseconds> => fc.constantFrom(...times);

const sometimes = <Value>(value: fc.Arbitrary<Value>, of: number): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: of - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const anyOptions: fc.Arbitrary<StepOptions> = fc.record({
  deadline: sometimes(time(20, 5, 60, 150, 500, 1500), 4),
  abort: sometimes(time(5, 0, 1, 3, 30, 120, 1100), 5),
  awaited: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

const anyEnding = fc.constantFrom("whole" as const, "whole" as const, "fails" as const, "stalls" as const);
const anyMany: fc.Arbitrary<Many> = fc.oneof(
  { weight: 4, arbitrary: fc.constant("array" as const) },
  { weight: 1, arbitrary: fc.constant("iterable" as const) },
  { weight: 2, arbitrary: fc.record({ pause: time(0, 5, 50), ending: anyEnding }) },
);

const withOptions = (step: fc.Arbitrary<object>): fc.Arbitrary<Step> =>
  fc.tuple(step, anyOptions).map(([what, options]) => Object.assign({}, what, options) as Step);

const KINDS: readonly [weight: number, step: fc.Arbitrary<Step>][] = [
  [8, fc.record({ do: fc.constant("wait" as const), time: time(0, 1, 5, 20, 60, 150, 1000) })],
  [
    9,
    withOptions(
      fc.record({
        do: fc.constant("put"),
        key: anyKey,
        as: fc.constantFrom("text", "text", "text", "text", "bytes", "metadata"),
      }),
    ),
  ],
  [2, withOptions(fc.record({ do: fc.constant("put"), key: anyKey, as: fc.record({ stream: anyEnding }) }))],
  [4, withOptions(fc.record({ do: fc.constantFrom("delete"), key: anyKey }))],
  [
    4,
    withOptions(
      fc.record({ do: fc.constantFrom("get", "get", "get bytes", "getWithMetadata", "getMetadata"), key: anyKey }),
    ),
  ],
  [
    1,
    withOptions(
      fc.record({
        do: fc.constant("get stream"),
        key: anyKey,
        reading: fc.constantFrom("whole", "unread", "cancelled"),
      }),
    ),
  ],
  [2, withOptions(fc.record({ do: fc.constant("getMany"), keys: anyKeys }))],
  [
    4,
    withOptions(
      fc.record({
        do: fc.constant("putMany"),
        keys: fc.oneof(anyKeys, anyKeyList),
        from: anyMany,
        long: sometimes(fc.constant(true), 3),
      }),
    ),
  ],
  [2, withOptions(fc.record({ do: fc.constant("deleteMany"), keys: anyKeys, from: anyMany }))],
  [1, withOptions(fc.record({ do: fc.constant("clear") }))],
  [
    2,
    withOptions(
      fc.record({ do: fc.constant("wrap"), key: anyKey, takes: time(0, 5, 60, 150), ttl: sometimes(time(1, 100), 3) }),
    ),
  ],
  [0.3, fc.constant<Step>({ do: "close" })],
];

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  ...KINDS.map(([weight, arbitrary]) => ({ weight: weight * 10, arbitrary })),
);
const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 14, size: "max" });

const anyTiming = { effect: time(1, 0, 5, 40, 100, 400), answer: time(2, 0, 10, 60, 150, 600) };
const anyFate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 12, arbitrary: fc.record(anyTiming) },
  { weight: 1, arbitrary: fc.record({ stagger: time(30, 100), ...anyTiming }) },
  { weight: 1, arbitrary: fc.record({ left: fc.constantFrom(0, 1, 5), ...anyTiming }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constantFrom("cut", "cut JSON", "twice"), ...anyTiming }) },
  {
    weight: 6,
    arbitrary: fc.record({
      how: fc.constantFrom("silence", "silence", "reset", "500", "504", "page"),
      stagger: fc.constantFrom(0, 0, 0, 30),
      effect: fc.oneof(
        { weight: 3, arbitrary: anyTiming.effect },
        { weight: 2, arbitrary: fc.constantFrom("never" as const, 1500) },
      ),
      answer: anyTiming.answer,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      how: fc.constantFrom("429", "429 of the key", "429 of the key"),
      answer: anyTiming.answer,
      retryAfter: fc.constantFrom(undefined, undefined, 1, 2),
    }) as fc.Arbitrary<Fate>,
  },
  {
    weight: 4,
    arbitrary: fc.record({
      how: fc.constantFrom("part", "no result", "no count", "keys missing", "short page"),
      first: fc.constantFrom(0, 1, 2),
      ...anyTiming,
    }),
  },
  { weight: 1, arbitrary: fc.record({ body: fc.constantFrom("never" as const, 20, 100), ...anyTiming }) },
);

const anyApi: fc.Arbitrary<ApiOptions> = fc.record({
  exists: fc.subarray(KEYS),
  fates: fc.oneof(
    { weight: 5, arbitrary: fc.array(anyFate, { maxLength: 14, size: "max" }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  lag: sometimes(fc.constant(LONG_LAG), 3),
  lagAfterFailure: sometimes(fc.constantFrom(LAG, LONG_LAG), 3),
  badKey: sometimes(fc.constant("c"), 12),
  malformedCredentials: sometimes(fc.constant(true), 60),
}) as fc.Arbitrary<ApiOptions>;

const anyClient: fc.Arbitrary<KVClientOptions> = fc
  .record({
    writeInterval: fc.constantFrom(undefined, 0, 0, 0, 50),
    timeout: fc.constantFrom(undefined, 50, 50, 200),
    deadline: fc.constantFrom(undefined, undefined, 100, 1000),
    retry: fc.constantFrom(
      undefined,
      false as const,
      { attempts: 2, minDelay: 1, maxDelay: 10 },
      { attempts: 4, minDelay: 10, maxDelay: 40 },
    ),
    batch: fc.constantFrom(
      undefined,
      undefined,
      undefined,
      false as const,
      { maxInFlight: 1 },
      { maxInFlight: 2, maxBytes: 60 },
      { maxInFlight: 1, maxBytes: 600 },
      { window: 5 },
      { maxKeys: 1 },
    ),
    rateLimit: fc.constantFrom(undefined, undefined, undefined, undefined, { requests: 4, window: 1000 }),
  })
  .map((options) => withoutUndefined(options) as KVClientOptions);

const anyCache: fc.Arbitrary<CacheOptions> = fc
  .record({
    ttl: fc.constantFrom(undefined, 50),
    staleWhileRevalidate: fc.constantFrom(undefined, undefined, 100),
    staleIfError: fc.constantFrom(undefined, undefined, 1000),
  })
  .map((options) => withoutUndefined(options) as CacheOptions);

/** A step as a program has it that goes through a cache, which has no bulk writes, or past one, which has no `wrap`. */
function stepFor(cache: CacheOptions | undefined, step: Step): Step {
  if (cache === undefined) return step.do === "wrap" ? { ...optionsOf(step), do: "get", key: step.key } : step;
  if (step.do === "put" && typeof step.as === "string") return { ...step, as: "json" };
  if (step.do === "putMany") return { ...optionsOf(step), do: "put", key: step.keys[0]!, as: "json" };
  if (step.do === "deleteMany") return { ...optionsOf(step), do: "delete", key: step.keys[0]! };
  if (step.do === "getMetadata") return { ...step, do: "get" };
  if (step.do === "clear") return { ...optionsOf(step), do: "wrap", key: KEYS[0]!, takes: 0 };
  return step;
}

function optionsOf({ deadline, abort, awaited }: StepOptions): StepOptions {
  return { deadline, abort, awaited };
}

/** Any program. */
export const anyProgram: fc.Arbitrary<Program> = fc
  .record({
    steps: anySteps,
    api: anyApi.map(withoutUndefined),
    cache: sometimes(anyCache, 5),
    client: anyClient,
    transport: fc.constantFrom("dispatcher" as const, "dispatcher" as const, "fetch" as const),
    chance: fc.constantFrom(1, 2, 3, 4),
  })
  .map(({ steps, cache, ...setup }) => ({
    setup: cache ? { ...setup, cache } : setup,
    steps: steps.map((step) => stepFor(cache, step)),
  }));

/** A program as code, ready to stand among the examples. */
export function printed({ setup, steps }: Program): string {
  const { api, client, transport, chance, cache } = setup;
  const told = withoutUndefined({
    client: isEmpty(client) ? undefined : client,
    api: isEmpty(api)
      ? undefined
      : withoutUndefined({
          ...api,
          fates: api?.fates?.length ? api.fates.map(withoutUndefined) : undefined,
          exists: api?.exists?.length ? api.exists : undefined,
        }),
    cache,
    transport: transport === "fetch" ? transport : undefined,
    chance: chance === 1 ? undefined : chance,
  });
  const lines = codeOf(steps).map((line) => `  ${line}`);
  const tools = ["kv", "wait", "abortedAfter"].filter((tool) => lines.some((line) => line.includes(tool)));
  const where = inspect(told, { depth: 9, breakLength: 110 }).replaceAll("'", '"');
  return [`await holds(${where}, async ({ ${tools.join(", ")} }) => {`, ...lines, "});"].join("\n");
}

function isEmpty(value: object | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0;
}

function withoutUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as Value;
}
