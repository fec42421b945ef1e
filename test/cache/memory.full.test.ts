import { testMemory } from "./memory.ts";

testMemory(64 * 1024 * 1024);
