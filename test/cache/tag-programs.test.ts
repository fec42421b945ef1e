import { describeTagPrograms } from "./tag-programs.ts";

describeTagPrograms(100);
