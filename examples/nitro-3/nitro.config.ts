import { kvStorage } from "@kvplug/unstorage";
import { defineConfig } from "nitro/config";

export default defineConfig({
  compatibilityDate: "2026-11-01",
  serverDir: "./",
  storage: {
    cache: kvStorage({ base: "cache", ttl: 86_400, deadline: 2_000 }),
    data: kvStorage({ base: "data" }),
  },
  runtimeConfig: { sessionsToken: "" },
});
