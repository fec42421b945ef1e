/** What stands before the colon of an address, and so can be no profile. */
export const RESERVED: readonly string[] = ["local", "binding", "wrangler"];
