import { describeOvertakenPrograms } from "./overtaken-programs.ts";

describeOvertakenPrograms(5_000);
