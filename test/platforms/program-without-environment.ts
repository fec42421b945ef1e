/**
 * The driver where the environment may not be read, and where there is no undici: prints the code of the error of each
 * call, as JSON.
 *
 * @module
 */
import { createKV, type KVOptions } from "@kvplug/core";

async function codeOf(options: KVOptions): Promise<string | undefined> {
  try {
    await createKV({ retry: false, ...options }).get("a");
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

// Nobody listens there.
const options = { baseURL: "http://127.0.0.1:9", accountId: "a", namespaceId: "n", apiToken: "t" };
const dispatcher = { dispatch: () => true, request: () => {} } as unknown as NonNullable<KVOptions["dispatcher"]>;
console.log(
  JSON.stringify({
    "without options": await codeOf({}),
    "with a dispatcher": await codeOf({ ...options, dispatcher }),
    "with all that it needs": await codeOf(options),
  }),
);
