import { describeMisshapen } from "./misshapen.ts";

describeMisshapen(25);
