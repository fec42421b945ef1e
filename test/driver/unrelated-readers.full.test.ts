import { describeReaders } from "./unrelated-readers.ts";

describeReaders([200, 350]);
