import { describeHostileRequests } from "./support/hostile.ts";

describeHostileRequests(4000);
