import { createKeyv } from "@kvplug/keyv";
import { Cacheable } from "cacheable";
import { describe, expect, it } from "vitest";
import { useRest } from "../support/rest.ts";

describe("cacheable", () => {
  const rest = useRest();

  it("takes a Keyv on KV for its secondary store", async () => {
    const writer = new Cacheable({ secondary: createKeyv(rest.kv, { namespace: "c" }) });
    await writer.set("a", { plan: "free" }, 60_000);
    const reader = new Cacheable({ secondary: createKeyv(rest.kv, { namespace: "c" }) });
    expect(await reader.get("a")).toEqual({ plan: "free" });
    await reader.delete("a");
    expect(await new Cacheable({ secondary: createKeyv(rest.kv, { namespace: "c" }) }).get("a")).toBeUndefined();
  });
});
