import { ALL_UPLOADS, describeProgress } from "./transport-progress.ts";

describeProgress(ALL_UPLOADS, "all");
