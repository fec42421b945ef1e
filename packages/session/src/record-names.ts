import { createHmac } from "node:crypto";
import { checkKey, describe, KVError } from "@kvplug/core/seam";
import type { Settings } from "./options.ts";

/** How records are named after ids. At once, unlike WebCrypto: a destroyed session must be known as such from the call on. */
export class RecordNames {
  readonly prefix: string;
  readonly #secret: string | undefined;

  constructor({ prefix, secret }: Pick<Settings, "prefix" | "secret">) {
    this.prefix = prefix;
    this.#secret = secret;
  }

  /** @throws {KVError} `KV_INVALID` or `KV_LIMIT` for an id that KV cannot hold. */
  nameOf(id: string): string {
    if (typeof id !== "string" || id === "") {
      throw new KVError("KV_INVALID", `A session's id must be a non-empty string, not ${describe(id)}.`);
    }
    const name =
      this.prefix +
      (this.#secret === undefined ? id : createHmac("sha256", this.#secret).update(id).digest("base64url"));
    checkKey(name);
    return name;
  }

  /** Returns the id, or `undefined` if the name does not contain it. */
  idOf(name: string): string | undefined {
    return this.#secret === undefined ? name.slice(this.prefix.length) : undefined;
  }
}
