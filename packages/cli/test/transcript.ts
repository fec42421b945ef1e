import { once } from "node:events";
import { Writable } from "node:stream";

/** What a command says on one of its streams. */
export class Transcript extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    this.emit("said");
    done();
  }

  /** Byte for byte. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** Resolves with the first match, as soon as there is one; rejects where the stream ends without. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found[0];
      if (this.writableFinished) throw new Error(`It ended without ${pattern}: ${this.text}`);
      const waiting = new AbortController();
      const { signal } = waiting;
      await Promise.race([once(this, "said", { signal }), once(this, "finish", { signal })]);
      waiting.abort();
    }
  }
}
