import { join } from "node:path";
import { defineConfig, type UserConfig } from "vite";

/** The page: plain files, which `src/serve-page.ts` serves. It loads nothing from elsewhere. */
const config: UserConfig = defineConfig({
  root: join(import.meta.dirname, "page"),
  // Preact's JSX, compiled by Vite itself: no plugin is needed without hot replacement of components.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: join(import.meta.dirname, "dist/page"),
    emptyOutDir: true,
    // Which files the first load needs: the test of its size reads it.
    manifest: "manifest.json",
    // Of what is bundled, as its licenses ask.
    license: { fileName: "LICENSES.md" },
    // A data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
});

export default config;
