import createDriver from "@kvplug/unstorage";
import { definePlugin } from "nitro";
import { useRuntimeConfig } from "nitro/runtime-config";
import { useStorage } from "nitro/storage";

export default definePlugin(() => {
  const { sessionsToken: apiToken } = useRuntimeConfig();
  useStorage().mount("sessions", createDriver({ base: "sessions", ttl: 1_800, apiToken }));
});
