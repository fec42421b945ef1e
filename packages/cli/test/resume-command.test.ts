import { expect, test } from "vitest";
import { resumeCommand } from "../src/bulk/pages/resume-command.ts";

test.each([
  ["redis://:SECRET@host:6379/0", "redis://host:6379/0"],
  ["redis://me:SECRET@host", "redis://me@host"],
  // What a URL takes for the end of a password is the last @.
  ["redis://me:SECRET@SECRET@host/0", "redis://me@host/0"],
  ["rediss://me:SECRET:SECRET@host/0", "rediss://me@host/0"],
  ["redis://host:6379/0", "redis://host:6379/0"],
])("no password of %s is shown", (from, shown) => {
  expect(resumeCommand(["migrate", "--from", from, "--to", "a"])).toBe(
    `kvplug migrate --from ${shown} --to a --resume`,
  );
  expect(resumeCommand(["migrate", `--from=${from}`, "--to", "a"])).toBe(
    `kvplug migrate --from=${shown} --to a --resume`,
  );
});

test("what a shell would take apart is quoted, and no token is shown", () => {
  expect(resumeCommand(["copy", "a b", "it's", "--token", "SECRET", "--resume"])).toBe(
    String.raw`kvplug copy 'a b' 'it'\''s' --token "$CLOUDFLARE_API_TOKEN" --resume`,
  );
  expect(resumeCommand(["copy", "a", "b", "--token=SECRET"])).toBe(
    'kvplug copy a b --token "$CLOUDFLARE_API_TOKEN" --resume',
  );
});
