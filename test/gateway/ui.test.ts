import { expect, test } from "vitest";
import { kvplug } from "../../packages/cli/test/command.ts";
import { ACCOUNT, startGateway } from "../support/gateway.ts";

test("kvplug ui looks into a gateway: keys, values with metadata and expiration, writes, and its refusals", async () => {
  const gateway = await startGateway({ tokens: { reader: { access: "read" } } });
  const kv = gateway.open();
  const expiration = Math.floor(Date.now() / 1000) + 7200;
  await kv.put("a", "text", { metadata: { of: "a" }, expiration });
  await kv.close();
  for (const [token, written] of [
    [gateway.token, 200],
    [gateway.tokens["reader"]!, 403],
  ] as const) {
    await using ui = kvplug(["ui", "--api-url", gateway.url, "--account", ACCOUNT, "--token", token]);
    const link = await ui.stdout.said(/http:\S+session=\S+/);
    const opened = await fetch(link, { redirect: "manual" });
    const cookie = opened.headers.get("set-cookie")!.split(";")[0]!;
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(new URL(`/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/kv-id${path}`, link), {
        ...init,
        headers: { cookie },
      });
    const { result } = (await (await ask("/keys")).json()) as { result: unknown };
    expect(result).toContainEqual({ name: "a", metadata: { of: "a" }, expiration });
    expect(await (await ask("/values/a")).text()).toBe("text");
    expect((await ask("/values/b", { method: "PUT", body: "1" })).status).toBe(written);
  }
  await gateway.close();
});
