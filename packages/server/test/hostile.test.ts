import { describeHostileRequests } from "./hostile.ts";

describeHostileRequests(1000);
