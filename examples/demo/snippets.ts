import { html } from "hono/html";

/** What a part of the page takes, and where to read on. */
interface Snippet {
  code: string;
  /** A page of the repository. */
  guide: string;
}

/** The lines of an app that stand for the parts of the page. */
export const SNIPPETS: Readonly<Record<"session" | "fragment" | "notes", Snippet>> = {
  session: {
    code: `import { KVStore } from "@kvplug/session/express";

app.use(session({ store: new KVStore(), secret }));`,
    guide: "docs/sessions.md",
  },
  fragment: {
    code: `import { createStores } from "@kvplug/cache-manager";

const cache = createCache({ stores: createStores(), ttl: 60_000 });
await cache.wrap("landscape", draw);`,
    guide: "docs/replace-redis.md",
  },
  notes: {
    code: `import createDriver from "@kvplug/unstorage";

const storage = createStorage({ driver: createDriver({ base: "notes" }) });
await storage.setItem(id, note);`,
    guide: "docs/nitro-and-nuxt.md",
  },
};

/** A snippet, closed until somebody wants to see it. */
export function showSnippet({ code, guide }: Snippet): ReturnType<typeof html> {
  return html`<details>
    <summary>The code</summary>
    <pre tabindex="0"><code>${code}</code></pre>
    <p>Read on in <code>${guide}</code>.</p>
  </details>`;
}
