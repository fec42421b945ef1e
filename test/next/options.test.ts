import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { afterEach, describe, expect, test, vi } from "vitest";
import { configureKV, withKV } from "@kvplug/next";
import { isWanted, settingsOf } from "../../packages/next/src/options.ts";

afterEach(() => vi.unstubAllEnvs());

describe("options", () => {
  test("come from the environment where they are not passed", () => {
    vi.stubEnv("KVPLUG_NEXT_PREFIX", "shop:");
    vi.stubEnv("KVPLUG_NEXT_DEADLINE", "250");
    vi.stubEnv("KVPLUG_NEXT_TTL", "");
    expect(settingsOf({ deadline: 300 })).toMatchObject({
      prefix: "shop:",
      deadline: 300,
      ttl: 60_000,
      tagTtl: 10_000,
    });
    expect(settingsOf({})).toMatchObject({ deadline: 250, maxBytes: 64 * 1024 * 1024 });
  });

  test("that cannot be are named, with where they come from", () => {
    vi.stubEnv("KVPLUG_NEXT_TAG_TTL", "10s");
    expect(() => settingsOf({})).toThrow(
      'KVPLUG_NEXT_TAG_TTL must be a whole number of milliseconds above 0, not "10s".',
    );
    expect(() => settingsOf({ tagTtl: 0 })).toThrow("tagTtl must be a whole number of milliseconds above 0, not 0.");
    expect(() => configureKV({ dedline: 1 } as object)).toThrow("dedline");
    expect(() => withKV({}, { image: true } as object)).toThrow("image");
  });
});

test("nothing is kept in KV in a build and in development, unless it is asked for", () => {
  expect(isWanted(false)).toBe(true);
  expect(isWanted(true)).toBe(false);
  vi.stubEnv("NEXT_PHASE", "phase-production-build");
  expect(isWanted(false)).toBe(false);
  vi.stubEnv("KVPLUG_NEXT", "on");
  expect([isWanted(false), isWanted(true)]).toEqual([true, true]);
  vi.stubEnv("NEXT_PHASE", "");
  vi.stubEnv("KVPLUG_NEXT", "off");
  expect(isWanted(false)).toBe(false);
});

test("a config is made in whichever folder Next runs, as in a monorepo", () => {
  const program = `import { withKV } from ${JSON.stringify(import.meta.resolve("@kvplug/next"))};
    console.log(Object.keys(withKV({})).join());`;
  // Without the folder in which pnpm has a Next for everybody.
  const env = { ...process.env, NODE_PATH: "" };
  const config = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: tmpdir(), env });
  expect(String(config)).toBe("cacheHandler,serverExternalPackages,cacheHandlers\n");
});
