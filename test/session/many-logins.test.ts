import { describeManyLogins } from "./many-logins.ts";

// A tenth of Cloudflare's budget, for a tenth of the users that the full form lets in.
describeManyLogins(100, { requests: 120, window: 300_000 });
