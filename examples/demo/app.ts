import { join } from "node:path";
import { promisify } from "node:util";
import type { KVStore } from "@kvplug/session/express";
import express, { type Express, type Request, type Response } from "express";
import session from "express-session";
import { streamFigures, type Figures } from "./figures.ts";
import type { Fragment } from "./fragment.ts";
import type { Notes } from "./notes.ts";
import { loginPage, userPage } from "./page.ts";
import { keepToOrigin } from "./same-origin.ts";
import { noSuchPage, showTrouble } from "./trouble.ts";

declare module "express-session" {
  interface SessionData {
    name?: string;
    count?: number;
  }
}

/** What the app stands on. */
export interface Parts {
  sessions: KVStore;
  secret: string;
  fragment: Fragment;
  notes: Notes;
  figures: () => Figures;
  /** Where the data are, for the page to tell. */
  data: string;
}

const COOKIE = "kvplug-demo";
const WEEK_MS = 7 * 86_400_000;
const MAX_NAME = 40;
const MAX_NOTE = 140;

/** The page and its forms. */
export function createApp({ sessions, secret, fragment, notes, figures, data }: Parts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use((_request, response, next) => {
    response.set({
      "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      "referrer-policy": "same-origin",
    });
    next();
  });
  app.use(keepToOrigin);
  app.use(express.static(join(import.meta.dirname, "public"), { index: false }));
  app.get("/figures", (request, response) => streamFigures(figures, request, response));

  app.use(express.urlencoded({ extended: false, limit: "10kb" }));
  app.use(
    session({
      store: sessions,
      secret,
      name: COOKIE,
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: "lax", httpOnly: true, maxAge: WEEK_MS },
    }),
  );

  app.get("/", async (request, response) => {
    response.set("cache-control", "no-store");
    const { name, count = 0 } = request.session;
    if (name === undefined) {
      response.send(await loginPage(figures()));
      return;
    }
    const [landscape, list] = await Promise.all([fragment(), notes.latest()]);
    response.send(await userPage({ name, count, landscape, notes: list, figures: figures(), data }));
  });

  app.post("/login", async (request, response) => {
    const name = textOf(request, "name", MAX_NAME);
    // Another id: one that was planted before is worth nothing.
    await promisify(request.session.regenerate.bind(request.session))();
    if (name !== "") request.session.name = name;
    await seePage(request, response);
  });

  app.post("/logout", async (request, response) => {
    await promisify(request.session.destroy.bind(request.session))();
    response.clearCookie(COOKIE).redirect(303, "/");
  });

  app.post("/count", async (request, response) => {
    if (request.session.name !== undefined) request.session.count = (request.session.count ?? 0) + 1;
    await seePage(request, response);
  });

  app.post("/notes", async (request, response) => {
    const { name } = request.session;
    const text = textOf(request, "text", MAX_NOTE);
    if (name !== undefined && text !== "") await notes.add({ by: name, text });
    await seePage(request, response);
  });

  app.use(noSuchPage);
  app.use(showTrouble);
  return app;
}

/** A field of a form, no longer than it may be. */
function textOf(request: Request, field: string, most: number): string {
  const text: unknown = (request.body as Record<string, unknown> | undefined)?.[field];
  return typeof text === "string" ? text.trim().slice(0, most) : "";
}

/** Saves the session and leads back to the page, in this order: the browser may be there at once. */
async function seePage(request: Request, response: Response): Promise<void> {
  await promisify(request.session.save.bind(request.session))();
  response.redirect(303, "/");
}
