import type { Context } from "hono";

/**
 * Set in the bindings of an app by what sends its answers and knows {@link wholeBodyOf}: the stream that a `Response` makes of
 * its body takes longer than the rest of an answer.
 */
export const SENDS_WHOLE: unique symbol = Symbol("sends whole bodies");

const bodies: WeakMap<Response, string | ArrayBuffer> = new WeakMap();

/** The body of a response that is in memory as a whole; `undefined` of any other. */
export function wholeBodyOf(response: Response): string | ArrayBuffer | undefined {
  return bodies.get(response);
}

/** Answers with a body that is in memory as a whole. */
export function wholeResponse(
  c: Context,
  body: string | ArrayBuffer,
  status: number,
  headers: Record<string, string>,
): Response {
  if (c.env?.[SENDS_WHOLE] !== true) return c.newResponse(body, status as 200, headers);
  const response = c.newResponse(null, status as 200, headers);
  bodies.set(response, body);
  return Object.setPrototypeOf(response, READABLE) as Response;
}

/** For middleware that reads a response, or makes another one of it, as `c.header` does. */
const READABLE: object = Object.create(Response.prototype, {
  body: {
    get(this: Response) {
      return streamed(this).body;
    },
  },
  ...Object.fromEntries(
    (["arrayBuffer", "blob", "bytes", "clone", "formData", "json", "text"] as const).map((name) => [
      name,
      {
        value(this: Response) {
          return streamed(this)[name]();
        },
      },
    ]),
  ),
});

function streamed(response: Response): Response {
  return new Response(bodies.get(response), { status: response.status, headers: response.headers });
}
