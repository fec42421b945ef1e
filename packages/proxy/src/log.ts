/** Receives a proxy's log: a subset of pino's logger. */
export interface ProxyLog {
  debug(about: object, message: string): void;
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
}

const ignore = (): void => {};

/** Logs nothing. */
export const SILENT: ProxyLog = Object.freeze({ debug: ignore, info: ignore, warn: ignore });
