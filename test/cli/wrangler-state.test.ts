import { expect, test } from "vitest";
import { contentsOf } from "../../packages/cli/test/setup.ts";
import { useProject } from "./wrangler-state.ts";

const project = useProject();

test("what kvplug writes wrangler finds, and what wrangler writes kvplug finds, with metadata and expirations", async () => {
  await project.setup.one.put("text", "a\nvalue ☃", { metadata: { n: 1 }, expiration: 2_000_000_000 });
  await project.setup.one.put("bytes", Uint8Array.of(0xff, 0, 0x80));
  const local = ["--binding", "PAGES", "--preview", "--local"];
  expect(await project.setup.run(["copy", "one", "wrangler:PAGES", ...project.config, "-q"])).toMatchObject({
    code: 0,
    stderr: "",
  });
  const listed = JSON.parse((await project.wrangler.run(["kv", "key", "list", ...local])).toString()) as unknown;
  expect(listed).toEqual([{ name: "bytes" }, { name: "text", expiration: 2_000_000_000, metadata: { n: 1 } }]);

  await project.wrangler.run(["kv", "key", "put", "theirs", "1", "--metadata", '{"by":"wrangler"}', ...local]);
  expect(await project.setup.run(["copy", "wrangler:PAGES", "two", ...project.config, "-q"])).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect(await contentsOf(project.setup.two)).toEqual([
    ...(await contentsOf(project.setup.one)),
    { key: "theirs", value: "1", metadata: { by: "wrangler" } },
  ]);
});
