import { describeStreams } from "./streams.ts";

describeStreams(8, 6);
