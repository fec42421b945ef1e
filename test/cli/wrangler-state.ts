import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Setup } from "../../packages/cli/test/setup.ts";
import { Wrangler } from "../support/wrangler.ts";

const CONFIGURATION = `{
  // What this machine is to have under an id, a preview id, or neither.
  "name": "app",
  "compatibility_date": "2026-01-01",
  "kv_namespaces": [
    { "binding": "PAGES", "id": "0f2ac74b0f2ac74b0f2ac74b0f2ac74b", "preview_id": "pages-of-a-preview" },
    { "binding": "CACHE", "id": "1f2ac74b1f2ac74b1f2ac74b1f2ac74b" },
    { "binding": "NEW" },
    { "binding": "LIVE", "id": "2f2ac74b2f2ac74b2f2ac74b2f2ac74b", "remote": true },
  ],
  "env": { "staging": { "kv_namespaces": [{ "binding": "CACHE", "id": "staging" }] } },
}`;

/** A project as its author has it, with a wrangler of its own. */
export interface Project {
  readonly setup: Setup;
  readonly wrangler: Wrangler;
  /** The option that names the project's configuration. */
  readonly config: readonly string[];
}

/** Has the tests of a file share a project. */
export function useProject(): Project {
  let setup: Setup;
  let wrangler: Wrangler;
  beforeAll(async () => {
    setup = await Setup.start();
    wrangler = await Wrangler.open();
    await wrangler.install();
    await wrangler.file("wrangler.jsonc", CONFIGURATION);
  });
  afterAll(async () => {
    await setup[Symbol.asyncDispose]();
    await wrangler[Symbol.asyncDispose]();
  });
  return {
    get setup() {
      return setup;
    },
    get wrangler() {
      return wrangler;
    },
    get config() {
      return ["--wrangler-config", join(wrangler.folder, "wrangler.jsonc")];
    },
  };
}
