import { resolve } from "node:path";

/** What the account of a local server's file is called, whichever port the server has. */
export function nameOfFile(data: string): string {
  return `file ${resolve(data)}`;
}
