import { describeSessions } from "./support/sessions.ts";

describeSessions(20);
