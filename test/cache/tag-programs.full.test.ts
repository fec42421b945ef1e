import { describeTagPrograms } from "./tag-programs.ts";

describeTagPrograms(2_000);
