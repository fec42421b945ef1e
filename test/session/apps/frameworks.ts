import express5 from "express";
// @ts-expect-error: the types of Express 5 are installed, and serve for what is used here.
import express4 from "express4";
import type { StartApp } from "./app.ts";
import { startExpress } from "./express.ts";
import { startFastify } from "./fastify.ts";
import { startKoa } from "./koa.ts";

export const FRAMEWORKS: readonly (readonly [name: string, startApp: StartApp])[] = [
  ["Express 5", (options) => startExpress(express5, options)],
  ["Express 4", (options) => startExpress(express4, options)],
  ["Fastify", startFastify],
  ["Koa", startKoa],
];
