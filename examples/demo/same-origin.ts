import { KEPT_TO_ORIGIN, foreignName, isForeignPage } from "@kvplug/server/routes";
import type { NextFunction, Request, Response } from "express";

/**
 * Answers this origin's own page, and who opens it: by its address, or by a link of another page. The cookie is
 * `sameSite` already; but to a browser all ports of this machine are one site, so a form, a frame or a script of
 * another port is told from the page's own by what the browser says of them.
 */
export function keepToOrigin(request: Request, response: Response, next: NextFunction): void {
  response.set(KEPT_TO_ORIGIN);
  const header = (name: string): string | undefined => request.get(name);
  const links = request.method === "GET";
  if (!isForeignPage(header, { links }) && foreignName(header) === undefined) next();
  else response.status(403).type("text").send("This was sent by another site.");
}
