import { MAX_NAMESPACES_PER_PAGE, MAX_TITLE_LENGTH } from "@kvplug/core/seam";
import type { Context } from "hono";
import type { NamespaceInfo } from "../backend.ts";
import { ID, namespaceOf } from "./context.ts";
import type { RouteApp, RouteContext } from "./context.ts";
import { ok } from "./envelope.ts";
import { ApiError, CODE } from "./errors.ts";
import { given } from "./given.ts";
import { readJson } from "./json.ts";
import { oneOf, wholeNumber } from "./query.ts";

/** The most namespaces that an account may have. */
const MAX_NAMESPACES = 1000;

const DEFAULT_PER_PAGE = 20;

/** Far more than a title takes, in whatever escapes. */
const MAX_TITLE_BODY_BYTES = 100_000;

/** Listing, creating, reading, renaming and deleting namespaces. */
export function namespaceRoutes(app: RouteApp, route: RouteContext): void {
  app.get("/", async (c) => {
    const page = wholeNumber(c, "page", 1, 1, Number.MAX_SAFE_INTEGER, CODE.page);
    const perPage = wholeNumber(c, "per_page", DEFAULT_PER_PAGE, 1, MAX_NAMESPACES_PER_PAGE, CODE.perPage);
    const order = oneOf(c, "order", ["id", "title"], CODE.order);
    const direction = oneOf(c, "direction", ["asc", "desc"], CODE.direction);
    const sign = direction === "asc" ? 1 : -1;
    const all = (await route.namespaces(c).list()).toSorted((a, b) => sign * (a[order] < b[order] ? -1 : 1));
    const result = all.slice((page - 1) * perPage, page * perPage);
    return ok(c, result.map(toJson), { count: result.length, page, per_page: perPage, total_count: all.length });
  });

  app.post("/", async (c) => {
    const title = await readTitle(c);
    if ((await route.namespaces(c).list()).length >= MAX_NAMESPACES) {
      throw new ApiError(
        400,
        CODE.tooManyNamespaces,
        `An account may have ${MAX_NAMESPACES} namespaces, and this one already does.`,
      );
    }
    return ok(c, toJson((await route.namespaces(c).create(title)) ?? titleTaken()));
  });

  app.get(ID, async (c) => ok(c, toJson(await namespaceOf(route, c, "get namespace"))));

  app.put(ID, async (c) => {
    const title = await readTitle(c);
    const { id } = await namespaceOf(route, c, "rename namespace");
    return ok(c, toJson((await route.namespaces(c).rename(id, title)) ?? titleTaken()));
  });

  app.delete(ID, async (c) => {
    const { id } = await namespaceOf(route, c, "remove namespace");
    await route.namespaces(c).delete(id);
    return ok(c, {});
  });
}

async function readTitle(c: Context): Promise<string> {
  const body = await readJson(c, CODE.title, { bytes: MAX_TITLE_BODY_BYTES });
  const { title, ...others } = (isObject(body) ? body : {}) as Record<string, unknown>;
  // A jurisdiction that was taken and forgotten would be believed.
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new ApiError(400, CODE.title, `A namespace has only a title here: leave ${given(other)} out.`);
  }
  if (typeof title !== "string" || title.trim() === "")
    throw new ApiError(400, CODE.title, "A namespace needs a title: a non-empty string.");
  if (!title.isWellFormed()) {
    throw new ApiError(400, CODE.title, "The title contains a lone surrogate, which UTF-8 cannot encode.");
  }
  if (title.length > MAX_TITLE_LENGTH) {
    throw new ApiError(
      400,
      CODE.title,
      `A title may have up to ${MAX_TITLE_LENGTH} characters; this one has ${title.length}.`,
    );
  }
  return title;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function titleTaken(): never {
  throw new ApiError(400, CODE.titleTaken, "a namespace with this account ID and title already exists");
}

function toJson({ id, title }: NamespaceInfo): object {
  return { id, title, supports_url_encoding: true };
}
