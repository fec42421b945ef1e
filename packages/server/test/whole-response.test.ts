import { Hono } from "hono";
import { expect, test } from "vitest";
import { listen } from "../src/listen.ts";
import { wholeResponse } from "../src/routes/whole-response.ts";
import { sendRaw, startApi } from "./api.ts";

/** Answers of an app that sends whole bodies, behind a middleware. */
async function answersOf(use: (c: any) => unknown): Promise<[status: number, type: string | null, text: string][]> {
  const app = new Hono();
  app.use(async (c, next) => {
    c.header("x-before", "1");
    await next();
    await use(c);
  });
  app.get("/text", (c) => wholeResponse(c, "täxt", 201, { "content-type": "text/plain" }));
  app.get("/bytes", (c) => wholeResponse(c, new Uint8Array([0x61, 0x62]).buffer, 200, { "content-type": "a/b" }));
  const listener = await listen(app, { host: "127.0.0.1", port: 0 });
  try {
    return await Promise.all(
      ["text", "bytes"].map(async (path) => {
        const answer = await fetch(`http://127.0.0.1:${listener.port}/${path}`);
        expect(answer.headers.get("x-before")).toBe("1");
        expect(answer.headers.get("content-length")).toBe(path === "text" ? "5" : "2");
        return [answer.status, answer.headers.get("content-type"), await answer.text()] as [number, string, string];
      }),
    );
  } finally {
    await listener.close();
  }
}

const WHOLE = [
  [201, "text/plain", "täxt"],
  [200, "a/b", "ab"],
];

test("what is in memory as a whole is sent as it is, with its headers and its length", async () => {
  expect(await answersOf(() => {})).toEqual(WHOLE);
});

test("clients of HTTP/1.0 get the length too, and keep their connections", async () => {
  await using api = await startApi();
  for (const [key, value] of [
    ["empty", ""],
    ["text", "täxt"],
  ]) {
    await api.ask("PUT", `/values/${key}`, value);
  }
  const get = (key: string, connection: string): string[] => [
    `GET ${api.path}/values/${key} HTTP/1.0`,
    "host: localhost",
    `connection: ${connection}`,
    "",
  ];
  const port = Number(new URL(api.server.url).port);
  const answers = await sendRaw(port, [...get("empty", "keep-alive"), ...get("text", "close").slice(0, -1)]);
  expect(answers.match(/^content-length: .*$/gim)?.map((line) => line.toLowerCase())).toEqual([
    "content-length: 0",
    "content-length: 5",
  ]);
  expect(answers).toMatch(/täxt$/);
});

test("middleware reads it, adds headers to it, or makes another response of it", async () => {
  const read: string[] = [];
  expect(await answersOf(async (c) => read.push(await c.res.text()))).toEqual(WHOLE);
  expect(read.toSorted()).toEqual(["ab", "täxt"]);
  expect(await answersOf((c) => c.res.headers.set("x-after", "1"))).toEqual(WHOLE);
  expect(await answersOf((c) => c.header("x-after", "1"))).toEqual(WHOLE);
  expect(await answersOf((c) => (c.res = new Response(c.res.body, c.res)))).toEqual(WHOLE);
  expect(await answersOf((c) => (c.res = c.res.clone()))).toEqual(WHOLE);
});
