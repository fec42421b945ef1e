import { ALL_UPLOADS, describeGivenUp } from "./transport-given-up.ts";

describeGivenUp({ uploads: ALL_UPLOADS, bareStreams: "over all ways", ways: "all" });
