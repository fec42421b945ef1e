import { setTimeout } from "node:timers/promises";
import { createStores } from "@kvplug/cache-manager";
import type { KVNamespace } from "@kvplug/core";
import { createCache } from "cache-manager";
import { html } from "hono/html";
import { drawLandscape } from "./landscape.ts";

const TTL_MS = 60_000;

/** With its zone: who looks may be in another one than the app. */
const TIME = { timeStyle: "long" } as const;

/** A part of the page that takes long to make, so that it is made once a minute, whoever asks. */
export type Fragment = () => Promise<string>;

/** The fragment, cached through cache-manager. */
export function openFragment(kv: KVNamespace<any>): Fragment {
  const cache = createCache({
    stores: createStores(kv, { namespace: "fragments", onError: console.error }),
    ttl: TTL_MS,
  });
  return () => cache.wrap("landscape", makeFragment);
}

async function makeFragment(): Promise<string> {
  const start = performance.now();
  // Stands for what takes long in an app: a query, a service, a large template.
  await setTimeout(400);
  const drawing = drawLandscape();
  const took = Math.round(performance.now() - start);
  const at = new Date();
  const markup = await html`<figure>
    ${drawing}
    <figcaption>
      Drawn at <time datetime="${at.toISOString()}">${at.toLocaleTimeString("en-GB", TIME)}</time> in ${took} ms, and
      good for a minute. Reload: it is still the same.
    </figcaption>
  </figure>`;
  return markup.toString();
}
