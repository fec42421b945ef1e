import { createServer } from "node:http";
import { KVStore } from "@kvplug/session/express";
import type express5 from "express";
import session from "express-session";
import { Passport } from "passport";
import { Strategy } from "passport-local";
import { listen, SECRET, type App, type AppOptions } from "./app.ts";

declare module "express-session" {
  interface SessionData {
    views?: number;
  }
}

/** The app in Express, logged in and out by Passport. */
export async function startExpress(express: typeof express5, options: AppOptions): Promise<App> {
  const store = new KVStore(options.kv, options.session);
  const passport = new Passport();
  passport.use(new Strategy((name, _password, done) => done(null, { name })));
  passport.serializeUser((user, done) => done(null, (user as { name: string }).name));
  passport.deserializeUser((name: string, done) => done(null, { name }));

  const app = express();
  app.use(
    session({
      store,
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      rolling: options.rolling ?? false,
      cookie: options.maxAge === undefined ? {} : { maxAge: options.maxAge },
    }),
  );
  app.use(passport.session());
  const user = (req: express5.Request): string | undefined => (req.user as { name: string } | undefined)?.name;
  app.get("/", (req, res) => void res.json({ user: user(req), views: req.session.views }));
  app.get("/count", (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1;
    res.json({ user: user(req), views: req.session.views });
  });
  app.get("/slow", (req, res, next) => {
    const go = (): void => {
      req.session.views = 1000;
      res.json({ user: user(req), views: req.session.views });
    };
    options.slow!().then(go, next);
  });
  app.post("/login", passport.authenticate("local"), (_req, res) => res.redirect("/"));
  app.post("/logout", (req, res, next) => req.logout((error) => (error ? next(error) : res.json({}))));
  // Express prints errors otherwise.
  app.use((error: any, _req: express5.Request, res: express5.Response, next: express5.NextFunction) => {
    if (res.headersSent) next(error);
    else res.status(500).json({ code: error.code });
  });
  return listen(createServer(app), () => store.close());
}
