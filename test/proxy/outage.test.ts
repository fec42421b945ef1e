import { describeOutage } from "./outage.ts";

describeOutage("an outage of upstream under load, until each caller has seen it", () => Promise.resolve());
