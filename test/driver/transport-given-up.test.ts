import { describeGivenUp } from "./transport-given-up.ts";

// One of each form of body: the value alone, with its metadata, and many as JSON.
describeGivenUp({ uploads: ["text", "bytes with metadata", "many"], bareStreams: "over the first way", ways: "main" });
