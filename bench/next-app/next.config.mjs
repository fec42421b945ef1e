import { join } from "node:path";
import { withKV } from "@kvplug/next";

const handler = process.env.BENCH_HANDLER;
const common = { distDir: `.next-${handler}`, turbopack: { root: import.meta.dirname } };

export default handler === "kvplug"
  ? withKV(common)
  : { ...common, cacheHandler: join(import.meta.dirname, "redis-handler.mjs"), cacheMaxMemorySize: 0 };
