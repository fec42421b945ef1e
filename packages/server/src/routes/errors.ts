/** The API's error codes. */
export const CODE = {
  notRouted: 7003,
  rateLimit: 971,
  authentication: 10000,
  unavailable: 10001,
  page: 10007,
  perPage: 10008,
  keyNotFound: 10009,
  // The API's codes for a TTL, a list limit and a cursor that are wrong are not documented: they get this one.
  value: 10012,
  namespaceNotFound: 10013,
  titleTaken: 10014,
  tooManyNamespaces: 10018,
  title: 10019,
  key: 10023,
  order: 10024,
  direction: 10025,
  tooManyKeys: 10027,
  metadata: 10028,
  notText: 10029,
  dailyLimit: 10048,
  writeLimit: 10429,
  // Of a local server: its file cannot be used now, or its disk is full.
  storage: 10503,
  storageFull: 10507,
  // Of a gateway: the API has no such errors.
  outOfScope: 10403,
  unsupported: 10405,
} as const;

/** The API's error statuses. */
export type ErrorStatus = 400 | 403 | 404 | 405 | 413 | 414 | 429 | 500 | 502 | 503 | 504 | 507;

/** An error that is answered as it is. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: ErrorStatus;
  readonly code: number;

  constructor(status: ErrorStatus, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The most characters of a path to repeat. */
const SHOWN_PATH = 200;

export function notRouted(path: string): ApiError {
  const shown = path.length > SHOWN_PATH ? `${path.slice(0, SHOWN_PATH)}…` : path;
  return new ApiError(404, CODE.notRouted, `Could not route to ${shown}, perhaps your object identifier is invalid?`);
}

export function keyNotFound(operation: string): ApiError {
  return new ApiError(404, CODE.keyNotFound, `${operation}: 'key not found'`);
}

export function namespaceNotFound(operation: string): ApiError {
  return new ApiError(404, CODE.namespaceNotFound, `${operation}: 'namespace not found'`);
}
