import type { KVClientOptions } from "@kvplug/core";
import { CommandError, EXIT } from "../command-error.ts";
import { checkCredentialFits, type Settings } from "./settings.ts";

/**
 * The options by which a driver reaches an account.
 *
 * @throws {CommandError} where the account or a credential is missing, or the credential is not for that address.
 */
export function accountOptions(settings: Settings): KVClientOptions {
  const { baseURL, accountId, apiToken, email, apiKey } = settings;
  if (accountId === undefined) {
    throw new CommandError(
      EXIT.access,
      "Which account? Set CLOUDFLARE_ACCOUNT_ID, or add --account, --profile or --local.",
    );
  }
  if (apiToken === undefined && apiKey === undefined) {
    throw new CommandError(EXIT.access, "No credentials: set CLOUDFLARE_API_TOKEN, or add --profile or --local.");
  }
  checkCredentialFits(settings);
  return {
    baseURL: baseURL.value,
    accountId: accountId.value,
    apiToken: apiToken?.value,
    email: email?.value,
    apiKey: apiKey?.value,
  };
}
