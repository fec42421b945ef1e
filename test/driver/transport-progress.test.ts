import { describeProgress } from "./transport-progress.ts";

// A body that is there, one that comes, and one that is made of many.
describeProgress(["text", "a stream", "many"], "main");
