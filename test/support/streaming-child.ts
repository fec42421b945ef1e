/**
 * Streams so many MiB there and back, and prints by how much the memory of this process grew at most:
 * `live` is what is in use, and `resident` what the process holds of the machine's, both in bytes.
 * `streaming-child.ts OPTIONS MIB`, with `--expose-gc`.
 *
 * @module
 */
import { createKV, type KV, type KVOptions } from "@kvplug/core";

const MIB = 1024 * 1024;
const CHUNK = 64 * 1024;
const SIZE = Number(process.argv[3]) * MIB;
const CHUNKS = SIZE / CHUNK;

declare const gc: () => void;

/**
 * Looks at the memory now and then while something runs. Each look collects the garbage first: the
 * chunks that are done with are V8's to free, and it lets tens of them lie while nothing is short.
 */
class Memory {
  readonly #before = Memory.#now();
  #live = 0;
  #resident = 0;

  look(): void {
    const { live, resident } = Memory.#now();
    this.#live = Math.max(this.#live, live - this.#before.live);
    this.#resident = Math.max(this.#resident, resident - this.#before.resident);
  }

  get growth(): { live: number; resident: number } {
    return { live: this.#live, resident: this.#resident };
  }

  static #now(): { live: number; resident: number } {
    gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { live: heapUsed + external, resident: rss };
  }
}

async function put(kv: KV, options: { metadata?: string }): Promise<Memory> {
  const memory = new Memory();
  let sent = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === CHUNKS) return controller.close();
      controller.enqueue(new Uint8Array(CHUNK).fill(sent++));
      if (sent % 16 === 0) memory.look();
    },
  });
  await kv.put("streamed", source, options);
  return memory;
}

async function get(kv: KV, pause: number): Promise<Memory> {
  const memory = new Memory();
  const reader = (await kv.get("streamed", "stream"))!.getReader();
  let received = 0;
  for (let next = MIB; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    received += value.byteLength;
    if (received < next) continue;
    next += MIB;
    memory.look();
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  if (received !== SIZE) throw new Error(`${received} bytes came back.`);
  return memory;
}

const kv = createKV(JSON.parse(process.argv[2]!) as KVOptions);
await kv.put("warm up", new Uint8Array(MIB));
await (await kv.get("warm up", "stream"))!.cancel();

const growth = {
  put: (await put(kv, {})).growth,
  "put with metadata": (await put(kv, { metadata: "label" })).growth,
  get: (await get(kv, 0)).growth,
  "a slow get": (await get(kv, 10)).growth,
};
process.stdout.write(JSON.stringify(growth));
await kv.close();
