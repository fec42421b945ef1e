import { describePrograms } from "./programs.ts";

describePrograms(0.5);
