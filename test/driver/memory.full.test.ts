import { testMemory } from "./memory.ts";

const COUNTS = [40_000, 160_000] as const;

testMemory({ keys: COUNTS, entries: COUNTS, putMany: COUNTS, deleteMany: COUNTS });
