import { expect, test } from "vitest";
import { useRest } from "../support/rest.ts";

const rest = useRest();

test.for([true, false])(
  "a read of text and one of bytes share one request, so value and metadata match (bytes first: %s)",
  async (first) => {
    await rest.kv.put("a", "text", { metadata: 1 });
    rest.server.requests.reset();
    const bytes = first ? rest.kv.get("a", "arrayBuffer") : undefined;
    const entry = rest.kv.getWithMetadata("a");
    const later = bytes ?? rest.kv.get("a", "arrayBuffer");
    expect(await entry).toMatchObject({ value: "text", metadata: 1 });
    expect(Buffer.from((await later)!).toString()).toBe("text");
    // By one request: two could find two writes.
    expect(rest.server.requests.total).toBe(1);
  },
);
