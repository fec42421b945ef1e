import { describeNextPrograms } from "./next-programs.ts";

describeNextPrograms(400);
