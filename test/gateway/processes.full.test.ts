import { testProcesses } from "./support/processes.ts";

testProcesses(10);
