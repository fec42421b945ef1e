/** Bytes as JSON: text stays text, so that values can share bulk reads, which carry nothing else. */
export type PackedBytes = { readonly text: string } | { readonly base64: string };

/**
 * An object whose members may be bytes, or maps of bytes, as JSON. What else it holds is left as it is: JSON of the
 * app's, of whatever shape.
 */
export interface Packed {
  readonly plain: Readonly<Record<string, unknown>>;
  readonly bytes: Readonly<Record<string, PackedBytes>>;
  readonly maps: Readonly<Record<string, readonly (readonly [string, PackedBytes])[]>>;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function packBytes(bytes: Uint8Array): PackedBytes {
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") };
  }
}

export function unpackBytes(packed: PackedBytes): Buffer {
  return "text" in packed ? Buffer.from(packed.text) : Buffer.from(packed.base64, "base64");
}

/** @throws {TypeError} for a map of anything but bytes. */
export function pack(value: object): Packed {
  const plain: Record<string, unknown> = {};
  const bytes: Record<string, PackedBytes> = {};
  const maps: Record<string, [string, PackedBytes][]> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member instanceof Uint8Array) bytes[name] = packBytes(member);
    else if (member instanceof Map)
      maps[name] = Array.from(member, ([key, one]) => [String(key), packMember(name, one)]);
    else plain[name] = member;
  }
  return { plain, bytes, maps };
}

export function unpack({ plain, bytes, maps }: Packed): Record<string, unknown> {
  const value: Record<string, unknown> = { ...plain };
  for (const [name, packed] of Object.entries(bytes)) value[name] = unpackBytes(packed);
  for (const [name, entries] of Object.entries(maps)) {
    value[name] = new Map(entries.map(([key, packed]) => [key, unpackBytes(packed)]));
  }
  return value;
}

function packMember(name: string, member: unknown): PackedBytes {
  if (member instanceof Uint8Array) return packBytes(member);
  throw new TypeError(`Next put something else than bytes into the map ${name}, which this release cannot store.`);
}
