/** The id of the account that a gateway in this process makes of what `wrangler dev` keeps. */
export const WRANGLER_ACCOUNT = "wrangler";
