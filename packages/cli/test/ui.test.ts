import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { kvplug, type Command } from "./command.ts";
import { temporaryFile } from "./temporary-file.ts";

/** What a browser would do: takes the cookie of the printed address along. */
async function visit({ stdout }: Command): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const link = await stdout.said(/http:\S+session=\S+/);
  const opened = await fetch(link, { redirect: "manual" });
  expect([opened.status, opened.headers.get("location")]).toEqual([303, "/"]);
  const cookie = opened.headers.get("set-cookie")!.split(";")[0]!;
  const { origin } = new URL(link);
  return (path, init = {}) =>
    fetch(origin + path, { ...init, headers: { cookie, "kvplug-page": "1", ...(init.headers as object) } });
}

const API = "/client/v4/accounts/local/storage/kv/namespaces";

test("a file is looked into, and changed, without a server", async () => {
  const data = await temporaryFile();
  const writer = await startServer({ data, namespaces: [{ title: "main", id: "main" }] });
  await writer.kv("main").put("a", "1", { metadata: { of: "a" } });
  await writer.close();
  await using ui = kvplug(["ui", "--data", data]);
  const ask = await visit(ui);
  expect(await (await ask("/-/about")).json()).toMatchObject({
    place: "local",
    label: `the file ${data}`,
    account: "local",
    readOnly: false,
    faults: false,
  });
  expect(await (await ask(`${API}/main/values/a`)).text()).toBe("1");
  expect((await ask(`${API}/main/values/b`, { method: "PUT", body: "2" })).status).toBe(200);
  const { result } = (await (await ask(`${API}/main/keys`)).json()) as { result: unknown };
  expect(result).toEqual([{ name: "a", metadata: { of: "a" } }, { name: "b" }]);
  ui.signal("SIGINT");
  expect((await ui.ended).code).toBe(0);
  await using reader = await startServer({ data });
  expect(await reader.kv("main").get("b")).toBe("2");
});

test("what the account answers is answered, with its codes", async () => {
  await using server = await startServer({ namespaces: [{ title: "main", id: "main" }] });
  await using ui = kvplug(["ui", "--api-url", server.url, "--account", "local", "--token", "any"]);
  const ask = await visit(ui);
  const refusal = async (path: string, init?: RequestInit): Promise<unknown> => {
    const answer = await ask(API + path, init);
    const { errors } = (await answer.json()) as { errors: { code: number }[] };
    return [answer.status, errors[0]?.code];
  };
  const title = (text: string): RequestInit => ({ body: JSON.stringify({ title: text }) });
  expect(await refusal("/main/values/missing")).toEqual([404, 10009]);
  expect(await refusal("/nowhere/keys")).toEqual([404, 10013]);
  expect(await refusal("", { method: "POST", ...title("main") })).toEqual([400, 10014]);
  expect(await refusal("", { method: "POST", ...title("other") })).toEqual([200, undefined]);
  expect(await refusal("/main", { method: "PUT", ...title("other") })).toEqual([400, 10014]);
  expect(await refusal("/main", { method: "PUT", ...title("renamed") })).toEqual([200, undefined]);
  expect(await refusal(`/main/values/${"k".repeat(513)}`)).toEqual([414, 10023]);
  expect(await refusal("/main", { method: "DELETE" })).toEqual([200, undefined]);
  expect(await refusal("/main/keys")).toEqual([404, 10013]);
});

test("another port's page is refused, though its requests carry the cookie, and an old browser tells no more", async () => {
  await using server = await startServer({ namespaces: [{ title: "main", id: "main" }] });
  await using ui = kvplug(["ui", "--api-url", server.url, "--account", "local", "--token", "any"]);
  const ask = await visit(ui);
  const from = async (origin: string): Promise<number> =>
    (await ask(`${API}/main/values/k`, { method: "PUT", body: "1", headers: { origin } })).status;
  const { origin: own } = new URL(await ui.stdout.said(/http:\S+session=\S+/));
  expect(await from("http://127.0.0.1:1")).toBe(403);
  expect(await from("http://localhost:3000")).toBe(403);
  expect(await from("null")).toBe(403);
  expect(await server.kv("main").get("k")).toBeNull();
  expect(await from(own)).toBe(200);
});

test("bytes go through as they are, and bulk writes with them", async () => {
  await using server = await startServer({ namespaces: [{ title: "main", id: "main" }] });
  await using ui = kvplug(["ui", "--api-url", server.url, "--account", "local", "--token", "any"]);
  const ask = await visit(ui);
  const bytes = Uint8Array.from([0xff, 0, 0x80]);
  await ask(`${API}/main/values/b%2Fc?expiration_ttl=600`, { method: "PUT", body: bytes });
  const read = await ask(`${API}/main/values/b%2Fc`);
  expect(new Uint8Array(await read.arrayBuffer())).toEqual(bytes);
  expect(Number(read.headers.get("expiration"))).toBeGreaterThan(Date.now() / 1000);
  const pairs = [
    { key: "d", value: "/wCA", base64: true, metadata: { n: 1 } },
    { key: "e", value: "text" },
  ];
  const written = (await (await ask(`${API}/main/bulk`, { method: "PUT", body: JSON.stringify(pairs) })).json()) as {
    result: unknown;
  };
  expect(written.result).toEqual({ successful_key_count: 2, unsuccessful_keys: [] });
  const { value, metadata } = await server.kv("main").getWithMetadata("d", "arrayBuffer");
  expect([new Uint8Array(value!), metadata]).toEqual([bytes, { n: 1 }]);
});

test("to open a value takes the account two requests at most", async () => {
  await using server = await startServer({ namespaces: [{ title: "main", id: "main" }] });
  await server.kv("main").put("k", "text", { metadata: { n: 1 }, expirationTtl: 600 });
  await using ui = kvplug(["ui", "--api-url", server.url, "--account", "local", "--token", "any"]);
  const ask = await visit(ui);
  await ask(`${API}/main/keys`);
  const before = server.requests.total;
  const [value, metadata] = await Promise.all([ask(`${API}/main/values/k`), ask(`${API}/main/metadata/k`)]);
  expect([await value.text(), ((await metadata.json()) as { result: unknown }).result]).toEqual(["text", { n: 1 }]);
  expect(value.headers.get("expiration")).not.toBeNull();
  expect(server.requests.total - before).toBeLessThanOrEqual(2);
});

test("an account that is out of reach is told, and so is a flag that contradicts another", async () => {
  await using ui = kvplug(["ui", "--api-url", "http://127.0.0.1:9/client/v4", "--account", "a", "--token", "t"]);
  const ask = await visit(ui);
  const answer = await ask(API);
  expect(answer.status).toBe(502);
  expect(JSON.stringify(await answer.json())).toContain("ECONNREFUSED");
  const both = await kvplug(["ui", "--data", "x.sqlite", "--profile", "prod"]).ended;
  expect([both.code, both.stderr]).toEqual([
    2,
    "kvplug: --data is a file, and --profile means an account. Give one of them.\n",
  ]);
  expect((await kvplug(["ui"]).ended).code).toBe(4);
});

test("a job that is stopped ends the command, with the rest undone", async () => {
  await using server = await startServer({ namespaces: ["one", "two"], latency: 20 });
  const [one, two] = server.namespaces.map(({ id }) => id) as [string, string];
  for (let i = 0; i < 500; i++) await server.kv("one").put(`k${i}`, "v");
  await using ui = kvplug(["ui", "--api-url", server.url, "--account", "local", "--token", "any"], {
    XDG_STATE_HOME: await temporaryFile(),
  });
  const ask = await visit(ui);
  const started = await ask("/-/jobs", { method: "POST", body: JSON.stringify({ kind: "copy", from: one, to: two }) });
  const { id } = (await started.json()) as { id: string };
  const state = async (action: string): Promise<unknown> =>
    ((await (await ask(`/-/jobs/${id}/${action}`, { method: "POST" })).json()) as { state: string }).state;
  expect(await state("pause")).toBe("paused");
  expect(await state("stop")).toMatch(/paused|stopped/);
  expect((await ask("/-/jobs/none/stop", { method: "POST" })).status).toBe(404);
  // Without the header of the page, nothing is done.
  expect((await ask("/-/jobs", { method: "POST", body: "{}", headers: { "kvplug-page": "" } })).status).not.toBe(200);
  ui.signal("SIGTERM");
  expect((await ui.ended).code).toBe(0);
});
