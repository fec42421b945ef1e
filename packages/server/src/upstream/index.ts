/**
 * The routes in front of another API: an account that a driver's client reaches, and its failures as answers. For the proxy
 * and the page of `kvplug ui`.
 *
 * @module
 */
export { BudgetSpent, toApiError } from "./upstream-error.ts";
export { UpstreamNamespaces } from "./upstream-namespaces.ts";
