import { describeStreams } from "./streams.ts";

describeStreams(25, 16);
