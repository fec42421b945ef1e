import { withKV } from "@kvplug/next";

export default withKV(
  {
    output: "standalone",
    outputFileTracingRoot: import.meta.dirname,
    images: { minimumCacheTTL: 3600 },
    experimental: { useCache: true },
  },
  { images: true },
);
