/**
 * Writes sessions of 1 MB and reads others, and prints by how many bytes the memory of this process grew for each
 * way to keep copies of them: `session-memory-child.ts BASE_URL COUNT MAX_BYTES`, with `--expose-gc`.
 *
 * @module
 */
import { KVSessions, type SessionOptions } from "@kvplug/session";

declare const gc: () => void;

const [baseURL, count, maxBytes] = process.argv.slice(2) as [string, string, string];
const driver = { baseURL, accountId: "local", apiToken: "any", namespaceId: "n" };

/** What lives: objects, texts and buffers. */
function used(): number {
  gc();
  gc(); // buffers whose owners went with the first
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function growth(prefix: string, options: SessionOptions): Promise<number> {
  const open = (): KVSessions => new KVSessions({ ...driver, prefix, ...options });
  const [writer, reader] = [open(), open()];
  await writer.set("first", { n: 1 });
  await reader.get("first");
  const before = used();
  for (let i = 0; i < Number(count); i++) {
    const session = { text: `${i} `.padEnd(1_000_000, "x") };
    await writer.set(String(i), session);
    if (JSON.stringify(await reader.get(String(i))) !== JSON.stringify(session)) throw new Error(`${i} is another one`);
  }
  const grown = used() - before;
  // Until here they hold what they hold.
  await Promise.all([writer.close(), reader.close()]);
  return grown;
}

const on = await growth("on:", { cache: { maxBytes: Number(maxBytes) } });
const off = await growth("off:", { cache: false });
process.stdout.write(JSON.stringify({ on, off }));
