import type { KVRateLimitOptions } from "@kvplug/core";
import { describe, expect, it } from "vitest";
import { listAll } from "../support/namespace.ts";
import { FRAMEWORKS } from "./apps/frameworks.ts";
import { KV_LIKE, useApps } from "./apps/use-apps.ts";

/** Tests that so many users may log in at once within a budget of requests. */
export function describeManyLogins(count: number, rateLimit: KVRateLimitOptions): void {
  const apps = useApps();

  describe.each(FRAMEWORKS)("%s, with a budget of requests", (_name, startApp) => {
    it(`${count} log in at once`, async () => {
      await apps.start({ ...KV_LIKE, rateLimit });
      const app = await apps.open(startApp);
      const requests = await apps.requestsOf(() =>
        Promise.all(
          Array.from({ length: count }, async (_, i) => {
            const { body } = await apps.browse(app).post(`/login?username=user-${i}&password=x`);
            expect(body).toEqual({ user: `user-${i}` });
          }),
        ),
      );
      expect(requests).toBeLessThanOrEqual(rateLimit.requests);
      expect(apps.statuses.filter((status) => status === 302)).toHaveLength(count);
      expect(apps.statuses.filter((status) => status === 200)).toHaveLength(count);
      expect(await listAll(apps.server.kv("test"))).toHaveLength(count);
    });
  });
}
