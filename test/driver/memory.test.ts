import { testMemory } from "./memory.ts";

testMemory({ keys: [40_000], entries: [10_000], putMany: [30_000, 60_000], deleteMany: [30_000, 60_000] });
