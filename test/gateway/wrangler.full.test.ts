import { expect, test } from "vitest";
import { ACCOUNT, startGateway } from "../support/gateway.ts";
import { Wrangler } from "../support/wrangler.ts";

test("wrangler's kv commands against a gateway", async () => {
  const gateway = await startGateway();
  await using wrangler = await Wrangler.open({ url: gateway.url, account: ACCOUNT });
  const run = async (...args: string[]): Promise<string> =>
    (await wrangler.run(["kv", ...args, "--remote"], { CLOUDFLARE_API_TOKEN: gateway.token })).toString();
  const onNamespace = ["--namespace-id", "kv-id"];
  await wrangler.file(
    "pairs.json",
    JSON.stringify([
      { key: "a", value: "1" },
      { key: "b", value: "2" },
    ]),
  );
  await run("bulk", "put", "pairs.json", ...onNamespace);
  expect(await run("key", "get", "a", "--text", ...onNamespace)).toBe("1\n");
  expect(JSON.parse(await run("key", "list", ...onNamespace))).toMatchObject([{ name: "a" }, { name: "b" }]);
  await gateway.close();
});
