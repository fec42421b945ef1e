/** A key as a listing has it. */
export interface ListedKey {
  readonly name: string;
  /** Unix seconds. */
  readonly expiration?: number;
  readonly metadata?: unknown;
}

const FIRST_CAPACITY = 1024;

/**
 * The keys of a listing, in its order: column by column, since a million objects take three times the memory of their
 * names.
 */
export class KeyTable {
  readonly #names: string[] = [];
  readonly #metadata: unknown[] = [];
  /** Unix seconds; 0 for never. */
  #expirations: Uint32Array = new Uint32Array(FIRST_CAPACITY);

  get size(): number {
    return this.#names.length;
  }

  name(row: number): string {
    return this.#names[row]!;
  }

  /** Unix seconds; `undefined` for a key that does not expire. */
  expiration(row: number): number | undefined {
    const expiration = this.#expirations[row];
    return expiration === 0 ? undefined : expiration;
  }

  metadata(row: number): unknown {
    return this.#metadata[row];
  }

  key(row: number): ListedKey {
    const [name, expiration, metadata] = [this.name(row), this.expiration(row), this.metadata(row)];
    return { name, ...(expiration !== undefined && { expiration }), ...(metadata !== undefined && { metadata }) };
  }

  /** Adds what comes behind all others. */
  append(keys: readonly ListedKey[]): void {
    this.#reserve(this.size + keys.length);
    for (const { name, expiration = 0, metadata } of keys) {
      this.#expirations[this.#names.length] = expiration;
      this.#names.push(name);
      this.#metadata.push(metadata);
    }
  }

  /** The row of a name, or where it would be as `-1 - row`. */
  find(name: string): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareNames(this.#names[middle]!, name);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1 - low;
  }

  /** Puts a key in its place, in that of an older one of its name if there is one. */
  put({ name, expiration = 0, metadata }: ListedKey): void {
    let row = this.find(name);
    if (row < 0) {
      row = -1 - row;
      this.#reserve(this.size + 1);
      this.#expirations.copyWithin(row + 1, row, this.size);
      this.#names.splice(row, 0, name);
      this.#metadata.splice(row, 0, metadata);
    }
    this.#expirations[row] = expiration;
    this.#metadata[row] = metadata;
  }

  /** Takes keys out. */
  remove(names: ReadonlySet<string>): void {
    let to = 0;
    for (let from = 0; from < this.#names.length; from++) {
      const name = this.#names[from]!;
      if (names.has(name)) continue;
      this.#names[to] = name;
      this.#metadata[to] = this.#metadata[from];
      this.#expirations[to] = this.#expirations[from]!;
      to++;
    }
    this.#names.length = to;
    this.#metadata.length = to;
  }

  #reserve(rows: number): void {
    if (rows <= this.#expirations.length) return;
    const larger = new Uint32Array(Math.max(rows, 2 * this.#expirations.length));
    larger.set(this.#expirations);
    this.#expirations = larger;
  }
}

/** The order of a listing, which is that of the names' bytes in UTF-8: not that of JavaScript beyond U+D800. */
export function compareNames(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (one !== other) return inBytes(one) - inBytes(other);
  }
  return a.length - b.length;
}

/** Surrogates stand for what comes behind all else. */
function inBytes(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10_000 : unit;
}
