/** A place to try what the READMEs print: every package resolves here. `npx -y pnpm@12 exec kvplug run -- node examples/playground/try.ts` */
import { createKV } from "@kvplug/core";

await using kv = createKV();
await kv.put("greeting", "hello");
console.log(await kv.get("greeting")); // hello
