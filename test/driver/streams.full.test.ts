import { describeStreams } from "./streams.ts";

describeStreams(25, { live: 16, resident: 24 });
