import { afterAll, vi } from "vitest";

/** `clearTimeout` is not among them: that of a virtual clock goes on serving timers that outlived it. */
interface Clocks {
  readonly setTimeout: typeof setTimeout;
  readonly Date: typeof Date;
  readonly now: typeof performance.now;
}

const present = (): Clocks => ({ setTimeout, Date, now: performance.now });

/** Those of the process. */
const KEY = Symbol.for("kvplug.realClocks");
const shared = globalThis as { [KEY]?: Clocks };
const real = (shared[KEY] ??= present());

afterAll(() => {
  vi.useRealTimers();
  const left = present();
  const changed = (Object.keys(real) as (keyof Clocks)[]).filter((name) => left[name] !== real[name]);
  if (changed.length === 0) return;
  const { now, ...others } = real;
  Object.assign(globalThis, others);
  performance.now = now;
  throw new Error(`This file leaves clocks behind that are not the real ones: ${changed.join(", ")}.`);
});

// Where a timer of undici's begins on a clock that is taken away, none of its timeouts ends any more in this process.
const { useFakeTimers } = vi;
if (process.env["KVPLUG_TEST_SHARES_ITS_PROCESS"]) {
  vi.useFakeTimers = (config) => {
    if (config?.toFake === undefined || config.toFake.includes("setTimeout"))
      throw new Error(
        "A file that fakes setTimeout has a process of its own: name it in OWN_PROCESS of vitest.config.ts.",
      );
    return useFakeTimers(config);
  };
}
afterAll(() => void (vi.useFakeTimers = useFakeTimers));
