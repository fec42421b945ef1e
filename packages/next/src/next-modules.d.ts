/** Modules within Next, which is the app's: this package is built without it. */
declare module "next/dist/server/lib/incremental-cache/shared-cache-controls.external.js";
declare module "next/dist/server/lib/incremental-cache/file-system-cache.js";
declare module "next/dist/server/lib/cache-handlers/default.external.js";
