import { createServer } from "node:http";
import { KVStore } from "@kvplug/session/koa";
import Koa from "koa";
import { createSession } from "koa-session";
import { listen, SECRET, type App, type AppOptions } from "./app.ts";

export async function startKoa(options: AppOptions): Promise<App> {
  const store = new KVStore(options.kv, options.session);
  const app = new Koa();
  app.keys = [SECRET];
  app.silent = true;
  app.use(
    createSession(
      { store, rolling: options.rolling ?? false, ...(options.maxAge !== undefined && { maxAge: options.maxAge }) },
      app,
    ),
  );
  app.use(async (ctx) => {
    const session = ctx["session"] as { user?: string; views?: number; regenerate(): Promise<void> };
    switch (`${ctx.method} ${ctx.path}`) {
      case "POST /login":
        // Before: it saves, and what it saves is then written once.
        session.user = String(ctx.query["username"]);
        await session.regenerate();
        ctx.redirect("/");
        return;
      case "POST /logout":
        ctx["session"] = null;
        ctx.body = {};
        return;
      case "GET /slow":
        await options.slow!();
        session.views = 1000;
        break;
      case "GET /count":
        session.views = (session.views ?? 0) + 1;
        break;
      default:
    }
    ctx.body = { user: session.user, views: session.views };
  });
  return listen(createServer(app.callback()), () => store.close());
}
