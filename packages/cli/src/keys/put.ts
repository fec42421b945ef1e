import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import type { KVPutOptions } from "@kvplug/core";
import { checkKey, checkValueBytes, MAX_VALUE_BYTES, quoteKey } from "@kvplug/core/seam";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { withTarget } from "../connect/connections.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { untilStopped } from "./until-stopped.ts";

export interface PutFlags extends NamespaceFlags {
  file?: string;
  type?: "text" | "json" | "bytes";
  ttl?: number;
  expiration?: number;
  metadata?: unknown;
}

/** Writes one value: the argument, a file, or stdin. */
export async function put(context: Context, key: string, argument: string | undefined, flags: PutFlags): Promise<void> {
  if (argument !== undefined && flags.file !== undefined) {
    throw usageError("The value and --file are two sources. Use one.");
  }
  checkKey(key);
  const value = argument === undefined ? await readValue(context, key, flags.file) : Buffer.from(argument);
  checkValueBytes(key, value.length);
  checkType(key, value, flags.type);
  const options: KVPutOptions = {
    ...(flags.ttl !== undefined && { expirationTtl: flags.ttl }),
    ...(flags.expiration !== undefined && { expiration: flags.expiration }),
    ...(flags.metadata !== undefined && { metadata: flags.metadata }),
  };
  await withTarget(context, flags, ({ kv }) =>
    untilStopped(context, `The write of ${quoteKey(key)}`, (signal) => kv.put(key, value, { ...options, signal })),
  );
}

/** No more of it than it takes to see that it is too much. */
async function readValue({ stdin }: Context, key: string, file: string | undefined): Promise<Buffer> {
  if (file !== undefined && file !== "-") {
    const { size } = await stat(file);
    checkValueBytes(key, size);
    return readFile(file);
  }
  if (stdin.isTTY) throw usageError("Pass a value, add --file, or pipe it in.");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_VALUE_BYTES) break;
  }
  return Buffer.concat(chunks);
}

function checkType(key: string, value: Buffer, type: PutFlags["type"]): void {
  if (type === undefined || type === "bytes") return;
  if (!isUtf8(value))
    throw new CommandError(EXIT.failed, `The value for ${quoteKey(key)} is not text. Nothing was written.`);
  if (type === "text") return;
  try {
    JSON.parse(value.toString());
  } catch {
    throw new CommandError(EXIT.failed, `The value for ${quoteKey(key)} is not JSON. Nothing was written.`);
  }
}
