/**
 * The page of `kvplug ui` and `kvplug serve`, as hono middleware: its files, and who may load them.
 *
 * @module
 */
export { servePage } from "./serve-page.ts";
export type { ServePageOptions } from "./serve-page.ts";
export { PageSession } from "./page-session.ts";
export { MOST_DIFFERENCES, PAGE_HEADER, PROCESS_PATH } from "./protocol.ts";
export type {
  About,
  Budget,
  DiffLine,
  FaultSettings,
  Figures,
  JobRequest,
  JobState,
  LoggedRequest,
} from "./protocol.ts";
