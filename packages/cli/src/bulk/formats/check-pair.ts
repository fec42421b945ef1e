import type { KVPair } from "@kvplug/core";
import { checkKey, checkPutOptions, checkValue } from "@kvplug/core/seam";

/**
 * Checks a pair as the driver does when it writes: what passes here is not rejected there.
 *
 * @throws {KVError} that says what is wrong with it; never its value.
 */
export function checkPair({ key, value, ...options }: KVPair): void {
  checkKey(key);
  checkPutOptions(key, options, Date.now());
  checkValue(key, value);
}
