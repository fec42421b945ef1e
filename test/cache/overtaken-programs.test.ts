import { describeOvertakenPrograms } from "./overtaken-programs.ts";

describeOvertakenPrograms(400);
