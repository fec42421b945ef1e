import { CLOUDFLARE_RATE_LIMIT } from "@kvplug/core";
import { describeManyLogins } from "./many-logins.ts";

describeManyLogins(1000, CLOUDFLARE_RATE_LIMIT);
