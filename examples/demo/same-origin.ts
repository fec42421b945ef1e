import type { NextFunction, Request, Response } from "express";

/**
 * Refuses forms that other sites send. The cookie is `sameSite` already; but to a browser all ports of this
 * machine are one site, so it must tell that the form is of this very origin.
 */
export function onlySameOrigin(request: Request, response: Response, next: NextFunction): void {
  const from = request.get("sec-fetch-site");
  if (request.method === "GET" || from === undefined || from === "same-origin") next();
  else response.status(403).type("text").send("This form was sent by another site.");
}
