import { describeStreams } from "./streams.ts";

// What the process holds besides is more than so small a value.
describeStreams(8, { live: 4 });
