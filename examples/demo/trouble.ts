import { isKVError } from "@kvplug/core";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { troublePage } from "./page.ts";

/** What to do about an error of KV's, where there is more to say than to try again. */
const WHAT_TO_DO: Readonly<Record<string, string>> = {
  KV_NETWORK: "Nothing answers where KV should be. Start the app again: what you wrote is in its file.",
  KV_NOT_FOUND: "The namespace is gone. Start the app again: it makes a new one.",
  KV_RATE_LIMIT: "The request budget is spent. Wait a minute, then reload.",
};

/** Answers what is asked for and does not exist. */
export const noSuchPage: RequestHandler = async (request, response) => {
  const what = `There is no page ${request.path}`;
  response.status(404).send(await troublePage({ code: "404", what, todo: "This app has one page." }));
};

/** Answers with what went wrong, and what to do. The log has the rest. */
export const showTrouble: ErrorRequestHandler = async (error: unknown, _request, response, next) => {
  console.error(error);
  if (response.headersSent) return next(error);
  const isKV = isKVError(error);
  const code = isKV ? error.code : "500";
  const what = isKV ? "KV does not do what it should" : "The app failed";
  const todo = WHAT_TO_DO[code] ?? "Reload. If it stays, the terminal of the app says more.";
  response.status(isKV ? 503 : 500).send(await troublePage({ code, what, todo }));
};
