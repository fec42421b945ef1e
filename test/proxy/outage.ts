import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProxy } from "@kvplug/proxy";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { KillableServer } from "../support/killable-server.ts";
import { askURL, type ProxyAnswer } from "../support/proxy.ts";
import { TOKEN } from "../support/rest.ts";

const CALLERS = 8;

/** What a caller can do something about: it comes back later, or asks what was done. */
const FAILURES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** One who writes a number again and again, each a greater one, and a key for each, and reads both. */
class Caller {
  readonly name: string;
  readonly #values: string;
  /** The last number that was acknowledged, and the last that was sent. */
  acknowledged = 0;
  sent = 0;
  /** Each number that was acknowledged under a key of its own. */
  readonly written: string[] = [];
  failures = 0;
  reads = 0;

  constructor(values: string, name: string) {
    this.#values = values;
    this.name = name;
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const number = String(++this.sent);
      const [latest, own] = await Promise.all([
        this.#ask("PUT", `${this.name}:latest`, number),
        this.#ask("PUT", `${this.name}:${number}`, number),
      ]);
      if (latest) this.acknowledged = this.sent;
      if (own) this.written.push(number);
      const read = await this.#ask("GET", `${this.name}:latest`);
      if (read === undefined) continue;
      this.reads++;
      // A write without an acknowledgement may have been made.
      expect(Number(read.text)).toBeGreaterThanOrEqual(this.acknowledged);
      expect(Number(read.text)).toBeLessThanOrEqual(this.sent);
    }
  }

  /** The answer; none where it is a failure, which says what to do. */
  async #ask(method: string, key: string, body?: string): Promise<ProxyAnswer | undefined> {
    const options = { headers: { prefer: "wait=1" }, ...(body !== undefined && { body }) };
    const answer = await askURL(`${this.#values}/${encodeURIComponent(key)}`, method, options);
    if (answer.status === 200) return answer;
    if (method === "GET" && answer.status === 404 && this.acknowledged === 0) return undefined;
    expect(FAILURES).toContain(answer.status);
    expect(answer.body.errors[0]).toEqual({ code: expect.any(Number), message: expect.stringMatching(/.{20}/) });
    this.failures++;
    return undefined;
  }
}

/**
 * Has callers write and read all the time while upstream is killed and comes back.
 *
 * @param wait For how long it is away, beyond the time in which each caller has seen that it is.
 */
export function describeOutage(name: string, wait: () => Promise<unknown>): void {
  test(name, async () => {
    const folder = await mkdtemp(join(tmpdir(), "kvplug-outage-"));
    await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    await using upstream = await KillableServer.start({
      token: TOKEN,
      namespaces: [{ title: "test", id: "test" }],
      data: join(folder, "kv.db"),
    });
    await using proxy = await createProxy({
      upstream: { baseURL: upstream.url, accountId: "local", apiToken: TOKEN, writeInterval: 0 },
    });
    const values = `${proxy.url}/accounts/local/storage/kv/namespaces/test/values`;
    const callers = Array.from({ length: CALLERS }, (_, i) => new Caller(values, `caller ${i}`));
    let isOver = false;
    const running = Promise.all(callers.map((caller) => caller.run(() => isOver)));
    const eachHas = (done: (caller: Caller) => boolean): Promise<void> =>
      eventually(() => expect(callers.filter((caller) => !done(caller))).toEqual([]));
    // A failed caller fails the test at once, and not when the wait runs out.
    const ended = running.then(() => Promise.reject(new Error("The callers ended.")));
    ended.catch(() => {});
    const during = <Result>(work: Promise<Result>): Promise<Result> => Promise.race([work, ended]);

    await during(eachHas(({ acknowledged, reads }) => acknowledged >= 10 && reads >= 10));
    await upstream.kill();
    // On a slow machine some had to come back before.
    const before = callers.map(({ failures }) => failures);
    await during(eachHas((caller) => caller.failures > before[callers.indexOf(caller)]!));
    await during(wait());
    const last = callers.map(({ acknowledged, reads }) => ({ acknowledged, reads }));
    await upstream.restart();
    await during(
      eachHas((caller) => {
        const { acknowledged, reads } = last[callers.indexOf(caller)]!;
        return caller.acknowledged >= acknowledged + 10 && caller.reads >= reads + 10;
      }),
    );
    isOver = true;
    await running;

    // Upstream itself has whatever was acknowledged.
    const stored = `${upstream.url}/accounts/local/storage/kv/namespaces/test/values`;
    const read = async (key: string): Promise<string> =>
      (await askURL(`${stored}/${encodeURIComponent(key)}`, "GET", { headers: { authorization: `Bearer ${TOKEN}` } }))
        .text;
    for (const { name: caller, acknowledged, sent, written } of callers) {
      expect(Number(await read(`${caller}:latest`))).toBeGreaterThanOrEqual(acknowledged);
      expect(Number(await read(`${caller}:latest`))).toBeLessThanOrEqual(sent);
      for (const number of written) expect(await read(`${caller}:${number}`)).toBe(number);
    }
  });
}
