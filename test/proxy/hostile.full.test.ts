import { describeHostileRequests } from "./hostile.ts";

describeHostileRequests(6000);
