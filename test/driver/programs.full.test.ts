import { describePrograms } from "./programs.ts";

describePrograms(1);
