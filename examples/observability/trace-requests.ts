import { tracingChannel } from "node:diagnostics_channel";
import { isKVError, TRACING_CHANNEL, type KVRequestEvent } from "@kvplug/core";
import { SpanKind, SpanStatusCode, trace, type Span } from "@opentelemetry/api";

/** Makes a span of every request that the driver sends, each attempt one, until the function it returns is called. */
export function traceRequests(): () => void {
  const tracer = trace.getTracer("kvplug");
  const open = new WeakMap<KVRequestEvent, Span>();

  const onStart = (message: unknown): void => {
    const event = message as KVRequestEvent;
    const { method, path, keys, attempt } = event;
    const route = routeOf(path);
    const attributes = {
      "http.request.method": method,
      "url.template": route,
      "kvplug.keys": keys,
      ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }),
    };
    // Many callers may share the request, so it belongs to the trace of none.
    open.set(event, tracer.startSpan(`${method} ${route}`, { kind: SpanKind.CLIENT, root: true, attributes }));
  };

  const onEnd = (message: unknown): void => {
    const { status, error } = message as KVRequestEvent;
    const span = open.get(message as KVRequestEvent);
    if (status !== undefined) span?.setAttribute("http.response.status_code", status);
    if (error !== undefined) {
      span?.setAttribute("error.type", isKVError(error) ? error.code : "other");
      span?.setStatus({ code: SpanStatusCode.ERROR, ...(error instanceof Error && { message: error.message }) });
    }
    span?.end();
  };

  const channel = tracingChannel(TRACING_CHANNEL);
  channel.start.subscribe(onStart);
  channel.asyncEnd.subscribe(onEnd);
  return () => {
    channel.start.unsubscribe(onStart);
    channel.asyncEnd.unsubscribe(onEnd);
  };
}

/** The path without account, namespace and key: one name for all requests of a kind. */
function routeOf(path: string): string {
  const [, kind] = /\/storage\/kv\/namespaces\/[^/]+\/(values|metadata|keys|bulk(?:\/\w+)?)/.exec(path) ?? [];
  return kind ?? "namespaces";
}
