import { setTimeout } from "node:timers/promises";
import { describeOutage } from "./outage.ts";

describeOutage("an outage of upstream of 30 s under load", () => setTimeout(30_000));
