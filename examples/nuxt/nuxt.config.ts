import { kvStorage } from "@kvplug/unstorage";

// No secrets: they are read from the environment of the app that runs.
const cache = kvStorage({ base: "cache", ttl: 86_400, deadline: 2_000 });

export default defineNuxtConfig({
  compatibilityDate: "2026-11-01",
  telemetry: false,
  // The page is rendered once in five minutes, by whichever process is asked first.
  routeRules: { "/": { swr: 300 } },
  nitro: {
    storage: {
      cache,
      data: kvStorage({ base: "data" }),
    },
    devStorage: { cache },
  },
  runtimeConfig: { sessionsToken: "" },
});
