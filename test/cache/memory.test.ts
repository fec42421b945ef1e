import { testMemory } from "./memory.ts";

testMemory(16 * 1024 * 1024);
