import { describeReaders } from "./unrelated-readers.ts";

describeReaders([150]);
