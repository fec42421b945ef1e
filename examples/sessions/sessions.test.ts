import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";

it.each(["express", "fastify", "koa"])("%s counts the views of a session, and ends when told", async (name) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  const first = await fetch(url);
  expect(await first.text()).toBe("views: 1");
  const cookie = first.headers
    .getSetCookie()
    .map((header) => header.split(";")[0])
    .join("; ");
  expect(await (await fetch(url, { headers: { cookie } })).text()).toBe("views: 2");
  expect(await (await fetch(url)).text()).toBe("views: 1");
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
});
