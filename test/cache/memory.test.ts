import { testMemory } from "./memory.ts";

testMemory(8 * 1024 * 1024);
