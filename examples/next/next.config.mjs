import { withKV } from "@kvplug/next";

// No secrets: where KV is, the environment of the process says that serves the pages.
export default withKV({
  cacheComponents: true,
  partialPrefetching: true,
  turbopack: { root: import.meta.dirname },
});
