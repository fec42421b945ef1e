import { kvStorage } from "@kvplug/unstorage";
import { defineNitroConfig } from "nitropack/config";

// No secrets: they are read from the environment of the app that runs.
const cache = kvStorage({ base: "cache", ttl: 86_400, deadline: 2_000 });

export default defineNitroConfig({
  compatibilityDate: "2026-11-01",
  storage: {
    cache,
    data: kvStorage({ base: "data" }),
  },
  devStorage: { cache },
  runtimeConfig: { sessionsToken: "" },
});
