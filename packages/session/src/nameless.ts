import {
  isKVError,
  KVBulkError,
  KVError,
  KVLimitError,
  KVRateLimitError,
  quoteKey,
  withoutIds,
  type KVApiMessage,
  type KVErrorDetails,
} from "@kvplug/core/seam";

/**
 * Runs a call whose error names no session: frameworks show and log messages, and anyone who knows a session's id may
 * be able to use it. The `cause` has the details.
 */
export async function nameless<Result>(name: string | undefined, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw withoutName(error, name);
  }
}

/** An error of the family, whatever failed: a namespace of another make may have a `status` on its own. */
export function withoutName(error: unknown, name: string | undefined): KVError {
  if (!isKVError(error)) {
    const said = error instanceof Error ? error.message : String(error);
    return new KVError("KV_API", hide(`The namespace failed: ${said}`, name), { cause: error });
  }
  const names = [name, error.key, ...(error instanceof KVBulkError ? error.keys : [])];
  const hidden = (text: string): string => names.reduce<string>(hide, text);
  const message = hidden(error.message);
  const { key, path, httpStatus, cfRay } = error;
  const isNameless = key === undefined && path === undefined && error.errors.length === 0;
  if (isNameless && message === error.message) return error;
  const errors = withTexts(error.errors, (text) => withoutIds(hidden(text)));
  const details: KVErrorDetails = { httpStatus, errors, cfRay, cause: error };
  if (error instanceof KVLimitError) return new KVLimitError(message, error.limit, error.actual, undefined, error);
  if (error instanceof KVRateLimitError) return new KVRateLimitError(message, error.retryAfter, details);
  return new KVError(error.code, message, details);
}

/** What the API said, with other texts. */
function withTexts(said: readonly KVApiMessage[], toText: (text: string) => string): KVApiMessage[] {
  return JSON.parse(JSON.stringify(said), (_, value: unknown) => (typeof value === "string" ? toText(value) : value));
}

/** As messages quote a key, as paths hold it, and as it is. */
function hide(message: string, name: string | undefined): string {
  if (name === undefined || name === "") return message;
  // What is not well-formed travels in no path.
  const forms = [quoteKey(name), encodeURIComponent(name.toWellFormed()), name];
  return forms.reduce((text, form) => text.replaceAll(form, "…"), message);
}
