import { abandonedSignal } from "./abandoned.ts";
import { OUT_OF_SCOPE, saysCode } from "./answer.ts";
import { backoff } from "./backoff.ts";
import { stillAhead } from "./bulk.ts";
import { refuseAtEnds } from "./early-ends.ts";
import { KVError } from "./errors.ts";
import type { Gate } from "./gate.ts";
import type { Milliseconds } from "./kv-namespace.ts";
import type { Settings } from "./options.ts";
import type { Requests } from "./request.ts";
import type { ServerLimits } from "./server-limits.ts";
import { quoteKey } from "./validate.ts";
import type { Outcome, WriteRequests, WriteTerms } from "./write-requests.ts";
import { errorFor, isWanted, lastEnd, partiesOf, type Write, type Writer } from "./write.ts";

/** How often KV takes a write of one key. */
const WRITE_INTERVAL: Milliseconds = 1000;

/** Whoever keeps a write is told what became of it: exactly one of these, once. */
interface Outcomes {
  settled(write: Write): void;
  failed(write: Write, error: unknown): void;
  /** The API could not do it, and may be asked again after a time. */
  again(write: Write, wait: Milliseconds): void;
}

/** Brings writes to the API, one request for all or several where it refuses that, and tells of each what became of it. */
export class Deliveries {
  readonly #gate: Gate;
  readonly #settings: Settings;
  readonly #limits: ServerLimits;
  readonly #send: WriteRequests;
  readonly #outcomes: Outcomes;

  constructor({ gate, settings, limits }: Requests, send: WriteRequests, outcomes: Outcomes) {
    this.#gate = gate;
    this.#settings = settings;
    this.#limits = limits;
    this.#send = send;
    this.#outcomes = outcomes;
  }

  /** Sends writes in one request. Where the API refuses that as a whole, halves find the culprit. */
  async deliver(writes: readonly Write[], admitted: boolean): Promise<void> {
    const terms: WriteTerms = {
      end: lastEnd(writes),
      admitted,
      signal: abandonedSignal(partiesOf(writes)),
    };
    const stop = refuseAtEnds(writersOf(writes), terms.end, ({ write, writer }) => {
      writer.failed(write.key, errorFor(write, this.#gate.lateError()));
    });
    try {
      if (writes.length === 1) this.#alone(writes[0]!, await this.#sendAlone(writes[0]!, terms));
      else this.#together(writes, await this.#send.bulk(writes[0]!.put ? "put" : "delete", writes, terms));
    } catch (error) {
      if (writes.length > 1 && isRefusal(error)) {
        const half = Math.ceil(writes.length / 2);
        await Promise.all([this.#deliverPart(writes.slice(0, half)), this.#deliverPart(writes.slice(half))]);
      } else {
        for (const write of writes) this.#outcomes.failed(write, error);
      }
    } finally {
      stop();
    }
  }

  /** Sends what somebody still waits for. */
  async #deliverPart(writes: readonly Write[]): Promise<void> {
    const wanted = writes.filter(isWanted);
    for (const write of writes) if (!isWanted(write)) this.#outcomes.failed(write, undefined);
    if (wanted.length === 0) return;
    if (lastEnd(wanted) > performance.now()) await this.deliver(wanted, false);
    else for (const write of wanted) this.#outcomes.failed(write, this.#gate.lateError());
  }

  #sendAlone({ key, put }: Write, terms: WriteTerms): Promise<Outcome> {
    return put ? this.#send.put(key, put.value, stillAhead(put.options), terms) : this.#send.delete(key, terms);
  }

  #alone(write: Write, outcome: Outcome): void {
    if (outcome === "done") this.#outcomes.settled(write);
    // Where the caller keeps no pace, the API does.
    else this.#outcomes.again(write, this.#limits.writeInterval > 0 ? 0 : WRITE_INTERVAL);
  }

  #together(writes: readonly Write[], refused: ReadonlySet<string>): void {
    const wait = backoff(this.#settings.retry, 1 + Math.max(...writes.map(({ refusals }) => refusals)));
    for (const write of writes) {
      if (!refused.has(write.key)) this.#outcomes.settled(write);
      else if (++write.refusals < this.#settings.retry.attempts) this.#outcomes.again(write, wait);
      else
        this.#outcomes.failed(
          write,
          new KVError("KV_API", `The API could not do ${quoteKey(write.key)} in ${write.refusals} attempts.`, {
            key: write.key,
          }),
        );
    }
  }
}

/** Whether the API found fault with what it was sent, and not with who sent it, or when. */
function isRefusal(error: unknown): boolean {
  if (saysCode(error, OUT_OF_SCOPE)) return true;
  return error instanceof KVError && (error.status === 400 || error.status === 413 || error.status === 422);
}

function* writersOf(
  writes: readonly Write[],
): Generator<{ write: Write; writer: Writer; end: Milliseconds; settled: boolean }> {
  for (const write of writes) {
    for (const writer of write.writers) yield { write, writer, end: writer.end, settled: writer.settled };
  }
}
