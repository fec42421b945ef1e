import { testMemory } from "./memory.ts";

testMemory({ keys: [80_000], entries: [20_000], putMany: [40_000, 80_000], deleteMany: [40_000, 80_000] });
