import type { RunningServer } from "@kvplug/server";

/** Prints what to do next: the page to look at, requests to paste, and the way to Cloudflare. */
export function sayHowToGoOn({ url, account, namespaces }: RunningServer, key: string, page: string): void {
  const namespace = `${url}/accounts/${account}/storage/kv/namespaces/${namespaces[0]!.id}`;
  console.log(`
A page to look at: sessions, a cache and a list on the same server, and what they cost. It is examples/demo.

  ${page}

The calls of the tour are in examples/tour/steps.ts. Go on in another terminal, while this one serves:

  curl '${namespace}/values/${encodeURIComponent(key)}'
  curl '${namespace}/keys?prefix=npm%3A%40types%2F&limit=10'
  curl -X PUT -d 'hello' '${namespace}/values/greeting?expiration_ttl=3600'
  curl -i '${namespace}/values/greeting'

The same in a namespace of Cloudflare's, with a token that may edit Workers KV:

  export CLOUDFLARE_ACCOUNT_ID=…
  export CLOUDFLARE_KV_NAMESPACE_ID=…
  export CLOUDFLARE_API_TOKEN=…
  npx -y pnpm@12 start

Ctrl-C stops the server. The data stays, and you stay logged in to the page.`);
}
