import { describeLargeRecords } from "./records.ts";

// The largest records there are.
describeLargeRecords(25);
