import { isUtf8 } from "node:buffer";
import { createClient, RESP_TYPES } from "@redis/client";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { messageOf } from "../failure.ts";
import type { Found, Heap, Source } from "./source.ts";

/** How many keys Redis looks at for one answer. */
const COUNT = 1000;

/** What a pattern of Redis takes for more than itself. */
const PATTERN = /[*?[\]\\^]/g;

/**
 * Opens the database of a URL, such as `redis://user@host:6379/0`.
 *
 * @param secret The password, if the URL has none.
 */
export async function openRedis(url: URL, prefix: string, secret: string | undefined): Promise<Source> {
  const name = `${url.protocol}//${url.host}${url.pathname}`;
  if (!/^\/?\d*$/.test(url.pathname)) {
    throw usageError(`--from: a Redis database is a number, such as ${url.protocol}//${url.host}/0.`);
  }
  const password = decodeURIComponent(url.password) || secret;
  const client = createClient({
    url: url.href,
    ...(password !== undefined && { password }),
    socket: { reconnectStrategy: false, connectTimeout: 10_000 },
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  // The call that fails throws it.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    const why = messageOf(error);
    throw new CommandError(isOfAccess(why) ? EXIT.access : EXIT.failed, `${name} ${whyNot(why)}`, error);
  }
  const isAll = prefix === "";
  return {
    name,
    count: isAll ? await client.dbSize() : undefined,
    async *read(from) {
      let cursor = from === "" ? "0" : from;
      do {
        const scan = { COUNT, ...(!isAll && { MATCH: `${prefix.replace(PATTERN, String.raw`\$&`)}*` }) };
        const page = await client.scan(cursor, scan).catch(hasFailed);
        cursor = String(page.cursor);
        yield { ...(await valuesOf(page.keys).catch(hasFailed)), next: cursor === "0" ? undefined : cursor };
      } while (cursor !== "0");
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
    },
  };

  function hasFailed(error: unknown): never {
    throw new CommandError(EXIT.failed, `${name} failed: ${messageOf(error)}`, error);
  }

  /** All in one round trip. */
  async function valuesOf(keys: Buffer[]): Promise<Omit<Heap, "next">> {
    const found: Found[] = [];
    let unfit = 0;
    const read = async (key: Buffer): Promise<void> => {
      const [value, ttl] = await Promise.all([client.get(key).catch(isOtherType), client.pTTL(key)]);
      if (value === false) unfit++;
      else if (value !== null) {
        // Not a millisecond less than it has left.
        const expiration = ttl >= 0 ? Math.ceil((Date.now() + ttl) / 1000) : undefined;
        found.push({ key: isUtf8(key) ? key.toString() : undefined, value, expiration });
      }
    };
    await Promise.all(keys.map(read));
    return { found, unfit };
  }
}

function isOfAccess(message: string): boolean {
  return /^(NOAUTH|WRONGPASS|NOPERM)/.test(message);
}

/** Redis says the first two at length, and not what to do. */
function whyNot(message: string): string {
  if (message.startsWith("NOAUTH")) return "requires a password: set REDIS_PASSWORD.";
  if (message.startsWith("WRONGPASS")) return "rejects the password or the user.";
  return `cannot be reached: ${message}`;
}

/** A list, a hash, a set, a stream: no value that KV could hold. */
function isOtherType(error: unknown): false {
  if (error instanceof Error && error.message.startsWith("WRONGTYPE")) return false;
  throw error;
}
