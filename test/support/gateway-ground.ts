import { hashToken } from "@kvplug/gateway";
import { afterAll, beforeAll, beforeEach, expect, type RunnerTask } from "vitest";
import { ACCOUNT, startGateway, type RunningGateway } from "./gateway.ts";
import { standOn, type GroundServer } from "./ground.ts";
import { TOKEN } from "./rest.ts";
import { SentRequests } from "./sent-requests.ts";

/** Tests and blocks by name, with as much of what is around them as tells them apart, and why each is left out. */
export type LeftOut = Readonly<Record<string, string>>;

/**
 * Has the suites that this file imports from now on stand on one gateway in Cloudflare's runtime, but for some of their
 * tests. A name among those that no test has fails, so that the list stays true.
 */
export function standOnGateway(leftOut: LeftOut): void {
  const requests = new SentRequests();
  let gateway: RunningGateway | undefined;
  let server: GroundServer | undefined;

  // oxlint-disable-next-line no-empty-pattern -- vitest reads off what a hook takes apart
  beforeAll(async ({}, { tasks }) => {
    const names = tasks.flatMap(namesOf);
    expect(Object.keys(leftOut).filter((out) => !names.some((name) => isWithin(name, out)))).toEqual([]);

    const secret = { sha256: await hashToken(TOKEN), access: "read-write" };
    gateway = await startGateway({ secrets: { KVPLUG_TOKEN_TEST: JSON.stringify(secret) } });
    const kv = (await gateway.bound()) as ReturnType<GroundServer["kv"]>;
    const namespaces = Object.entries(gateway.ids).map(([title, id]) => ({ id, title }));
    server = { url: gateway.url, account: ACCOUNT, namespaces, kv: () => kv, requests };
    requests.listen(gateway.url);
  });
  beforeEach(({ skip, task }) => {
    const [, reason] = Object.entries(leftOut).find(([out]) => isWithin(task.fullTestName, out)) ?? [];
    skip(reason !== undefined, reason);
  });
  afterAll(async () => {
    requests.stop();
    await gateway?.close();
  });
  standOn(() => server!);
}

/** Whether a test is the one of this name, or within the block of it. */
function isWithin(fullName: string, name: string): boolean {
  return ` > ${fullName} > `.includes(` > ${name} > `);
}

function namesOf(task: RunnerTask): string[] {
  return task.type === "suite" ? task.tasks.flatMap(namesOf) : [task.fullTestName];
}
