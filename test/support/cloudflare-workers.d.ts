/** What a Worker imports of its runtime, as far as the tests do. */
declare module "cloudflare:workers" {
  export const env: Record<string, unknown>;
}
