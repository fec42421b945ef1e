import { describe } from "vitest";
import { useRest } from "../support/rest.ts";
import { testCosts } from "./costs.ts";

describe("requests", () => {
  testCosts(10_000, useRest());
});
