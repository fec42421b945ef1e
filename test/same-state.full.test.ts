import { testSameState } from "./support/same-state.ts";

testSameState(500);
