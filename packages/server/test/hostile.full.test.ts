import { describeHostileRequests } from "./hostile.ts";

describeHostileRequests(12_000);
