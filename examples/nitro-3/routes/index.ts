import { defineCachedHandler } from "nitro/cache";

export default defineCachedHandler(() => ({ made: crypto.randomUUID() }), { name: "page", maxAge: 300 });
