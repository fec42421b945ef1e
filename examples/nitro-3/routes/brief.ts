import { defineCachedHandler } from "nitro/cache";

export default defineCachedHandler(() => ({ made: crypto.randomUUID() }), { name: "brief", maxAge: 45, swr: false });
