import { describeHostileRequests } from "./support/hostile.ts";

describeHostileRequests(400);
