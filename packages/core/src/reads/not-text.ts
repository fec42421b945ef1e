/** How many keys are remembered in each of two generations: a megabyte of names at most. */
const MOST = 1_000;

const strict = new TextDecoder("utf-8", { fatal: true });

/**
 * The keys whose values are known not to be text, so that they fail no bulk read again. It forgets in two generations; a
 * key that is forgotten, or has become text, costs a request more, or does not share one.
 */
export class NotText {
  #recent: Set<string> = new Set();
  #older: Set<string> = new Set();

  has(key: string): boolean {
    return this.#recent.has(key) || this.#older.has(key);
  }

  /** Remembers what kind of bytes a key has; `null` if it has none. */
  learn(key: string, bytes: ArrayBuffer | null): void {
    if (bytes === null || isText(bytes)) {
      this.#recent.delete(key);
      this.#older.delete(key);
      return;
    }
    this.#recent.add(key);
    if (this.#recent.size < MOST) return;
    this.#older = this.#recent;
    this.#recent = new Set();
  }
}

function isText(bytes: ArrayBuffer): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
