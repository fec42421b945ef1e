import { describeHostileRequests } from "./hostile.ts";

describeHostileRequests(300);
