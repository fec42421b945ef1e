import { describeNextPrograms } from "./next-programs.ts";

describeNextPrograms(Number(process.env["RUNS"] ?? 100));
