import { describeCosts } from "./costs.ts";

describeCosts(10_000);
