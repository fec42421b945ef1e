import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler, Next } from "hono";
import { failure } from "../routes/envelope.ts";
import { CODE } from "../routes/errors.ts";
import { KEPT_TO_ORIGIN } from "../routes/foreign-pages.ts";
import type { Faults } from "./options.ts";
import type { Random } from "./random.ts";

type NodeContext = Context<{ Bindings: HttpBindings }>;

/** Lets a share of the requests fail, as a network and a proxy do. */
export function failSome(
  { drops, errors, html }: Faults,
  random: Random,
): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    // Always three numbers a request, so that the fate of one does not shift that of the next.
    const fate = random();
    const moment = random();
    const choice = random();
    if (fate < drops) await drop(c, next, moment);
    else if (fate < drops + errors) await answerInstead(c, next, moment, error(c, choice));
    else if (fate < drops + errors + html) await answerInstead(c, next, moment, page(c, choice));
    else await next();
  };
}

/** Answers this, whether or not the work is done. */
async function answerInstead(c: NodeContext, next: Next, moment: number, answer: Response): Promise<void> {
  if (moment < 1 / 2) await next();
  replaceAnswer(c, answer);
}

function error(c: NodeContext, choice: number): Response {
  return c.json(failure(CODE.unavailable, "service temporarily unavailable"), pick([500, 502, 503] as const, choice));
}

function page(c: NodeContext, choice: number): Response {
  const [status, title] = pick(
    [
      [502, "Bad gateway"],
      [503, "Service unavailable"],
    ] as const,
    choice,
  );
  return c.html(
    `<!DOCTYPE html>\n<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>\n`,
    status,
  );
}

/** Breaks the connection: before the work, after it, or in the midst of the answer. */
async function drop(c: NodeContext, next: Next, moment: number): Promise<void> {
  if (moment >= 1 / 3) await next();
  if (moment >= 2 / 3) await sendHalf(c);
  c.env.incoming.socket.destroy();
  // The header tells the listener that there is nothing to answer.
  replaceAnswer(c, new Response(null, { headers: { "x-hono-already-sent": "true" } }));
}

async function sendHalf(c: NodeContext): Promise<void> {
  const { outgoing } = c.env;
  const body = new Uint8Array(await c.res.arrayBuffer());
  const headers = { ...Object.fromEntries(c.res.headers), ...KEPT_TO_ORIGIN, "content-length": body.byteLength };
  outgoing.writeHead(c.res.status, headers);
  outgoing.flushHeaders();
  await new Promise((resolve) => outgoing.write(body.subarray(0, Math.floor(body.byteLength / 2)), resolve));
}

function replaceAnswer(c: NodeContext, answer: Response): void {
  // Set over another, an answer would inherit its headers.
  c.res = undefined;
  c.res = answer;
}

function pick<Item>(items: readonly Item[], choice: number): Item {
  return items[Math.floor(choice * items.length)] as Item;
}
