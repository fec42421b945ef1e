import { once } from "node:events";
import { existsSync } from "node:fs";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { spawnServe } from "./process.ts";
import { temporaryFile } from "./temporary-file.ts";

/** A write that the server is at, and that waits for its value. */
async function beginWrite(url: string): Promise<{ finish(value: string): void; outcome: Promise<number | "cut off"> }> {
  const write = request(url, { method: "PUT", headers: { expect: "100-continue" } });
  const outcome = once(write, "response").then(
    ([response]) => (response as IncomingMessage).resume().statusCode!,
    () => "cut off" as const,
  );
  write.flushHeaders();
  await once(write, "continue");
  return { finish: (value) => void write.end(value), outcome };
}

/** Resolves once nothing listens at this URL any more. */
async function refused(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url, { headers: { connection: "close" } });
    } catch {
      return;
    }
    await setTimeout(10);
  }
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends it: what runs is finished, the file is closed, the code is 0",
  async (signal) => {
    const data = await temporaryFile();
    await using served = await spawnServe(["--data", data]);
    const write = await beginWrite(served.at("/values/k"));
    served.signal(signal);
    await refused(served.url);
    write.finish("v");
    expect(await write.outcome).toBe(200);
    expect(await served.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
    // SQLite removes its log when the file is closed.
    expect(existsSync(`${data}-wal`)).toBe(false);

    await using again = await spawnServe(["--data", data]);
    expect(await (await fetch(again.at("/values/k"))).text()).toBe("v");
  },
);

test("a second signal ends it at once", async () => {
  await using served = await spawnServe();
  const write = await beginWrite(served.at("/values/k"));
  served.signal("SIGINT");
  await refused(served.url);
  served.signal("SIGTERM");
  expect(await served.ended).toMatchObject({ code: null, signal: "SIGTERM" });
  expect(await write.outcome).toBe("cut off");
});
