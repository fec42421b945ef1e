import { GROUND_NAMES, GROUNDS } from "./grounds.ts";
import { describeHelpers } from "./helpers-suite.ts";

for (const name of GROUND_NAMES) describeHelpers(name, GROUNDS[name], { names: 1_001, mib: [27] });
