import { describeSessions } from "./support/sessions.ts";

describeSessions(100);
