import { useEffect, useState } from "preact/hooks";
import type { FaultSettings } from "../../src/protocol.ts";
import { messageOf } from "../api/http.ts";
import { readFaults, setFaults } from "../api/process.ts";
import { say } from "../state/app.ts";
import { Alert } from "./alert.tsx";

/** Shares of requests, in per cent, and times, as they are typed. */
interface Typed {
  readonly latency: string;
  readonly errors: string;
  readonly drops: string;
  readonly html: string;
  readonly unsuccessfulKeys: string;
  readonly requests: string;
  readonly window: string;
  readonly propagation: string;
  readonly writeLimit: boolean;
}

const FIELDS: readonly (readonly [name: Exclude<keyof Typed, "writeLimit">, label: string])[] = [
  ["latency", "Latency, ms"],
  ["errors", "Errors 5xx, %"],
  ["drops", "Dropped connections, %"],
  ["html", "Pages of a proxy, %"],
  ["unsuccessfulKeys", "Unsuccessful keys, %"],
  ["requests", "Budget, requests"],
  ["window", "Budget, in seconds"],
  ["propagation", "Stale reads up to, ms"],
];

/** Switches the faults of the local server, from the next request on. */
export function FaultsForm() {
  const [typed, setTyped] = useState<Typed>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    readFaults().then(
      (settings) => setTyped(typedOf(settings)),
      (error: unknown) => setFailed(messageOf(error)),
    );
  }, []);
  const apply = async (settings: FaultSettings): Promise<void> => {
    try {
      setTyped(typedOf(await setFaults(settings)));
      setFailed(undefined);
      say("The faults are set.");
    } catch (error) {
      setFailed(messageOf(error));
    }
  };
  if (typed === undefined) return failed === undefined ? null : <p class="warning">{failed}</p>;
  return (
    <form
      class="faults"
      onSubmit={(event) => {
        event.preventDefault();
        void apply(settingsOf(typed));
      }}
    >
      <h3>Faults</h3>
      <p class="hint">They apply to every program, and to this page, from the next request on.</p>
      <div class="fields">
        {FIELDS.map(([name, label]) => (
          <label key={name}>
            <span>{label}</span>
            <input
              type="number"
              min={0}
              step="any"
              value={typed[name]}
              placeholder="none"
              onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <label class="check-field">
          <input
            type="checkbox"
            checked={typed.writeLimit}
            onChange={(event) => setTyped({ ...typed, writeLimit: event.currentTarget.checked })}
          />
          <span>One write a second of a key</span>
        </label>
      </div>
      <Alert>{failed}</Alert>
      <div class="actions">
        <button type="button" onClick={() => void apply({})}>
          None
        </button>
        <button class="primary">Inject</button>
      </div>
    </form>
  );
}

function typedOf({ latency, rateLimit, writeLimit, faults, consistency }: FaultSettings): Typed {
  const percent = (share: number | undefined): string => (share ? String(share * 100) : "");
  const most = typeof latency === "object" ? latency[1] : latency;
  return {
    latency: most ? String(most) : "",
    errors: percent(faults?.errors),
    drops: percent(faults?.drops),
    html: percent(faults?.html),
    unsuccessfulKeys: percent(faults?.unsuccessfulKeys),
    requests: rateLimit === undefined ? "" : String(rateLimit.requests),
    window: rateLimit === undefined ? "" : String(rateLimit.window / 1000),
    propagation: consistency === undefined ? "" : String(consistency.propagation),
    writeLimit: writeLimit === true,
  };
}

function settingsOf(typed: Typed): FaultSettings {
  const share = (text: string): number => Number(text) / 100;
  const { latency, requests, window, propagation, writeLimit } = typed;
  return {
    latency: Number(latency),
    writeLimit,
    faults: {
      errors: share(typed.errors),
      drops: share(typed.drops),
      html: share(typed.html),
      unsuccessfulKeys: share(typed.unsuccessfulKeys),
    },
    ...(requests !== "" && { rateLimit: { requests: Number(requests), window: (Number(window) || 300) * 1000 } }),
    ...(propagation !== "" && { consistency: { propagation: Number(propagation) } }),
  };
}
