import { describeTagPrograms } from "./tag-programs.ts";

describeTagPrograms(1_500);
