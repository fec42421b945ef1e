import createDriver from "@kvplug/unstorage";

/** Credentials that are only known at run time, and not under the names that the driver looks for: here `NUXT_SESSIONS_TOKEN`. */
export default defineNitroPlugin(() => {
  const { sessionsToken: apiToken } = useRuntimeConfig();
  useStorage().mount("sessions", createDriver({ base: "sessions", ttl: 1_800, apiToken }));
});
