import { useRef, useState } from "preact/hooks";
import type { LoggedRequest } from "../../src/protocol.ts";
import { about, budget, figures, log } from "../state/app.ts";
import { countText, durationText } from "../text/figures.ts";
import { FaultsForm } from "./faults-form.tsx";
import { Name } from "./text.tsx";
import { useWindow } from "./use-window.ts";

const ROW_PIXELS = 28;

/** What happens now: the budget, the counts, the requests as they come, and the faults of a local server. */
export function Live() {
  const [isPageShown, setIsPageShown] = useState(false);
  const [text, setText] = useState("");
  const shown = log.value.filter(
    ({ isPage, path, method, status }) =>
      (isPageShown || !isPage) && `${method} ${decoded(path)} ${status}`.toLowerCase().includes(text.toLowerCase()),
  );
  const now = figures.value;
  return (
    <section class="live" aria-labelledby="live-title">
      <div class="live-side">
        <h2 id="live-title">Live</h2>
        <dl class="facts-list">
          <div>
            <dt>Requests</dt>
            <dd>{countText(now?.requests ?? 0)}</dd>
          </div>
          <div>
            <dt>Budget</dt>
            <dd>{budgetText()}</dd>
          </div>
        </dl>
        {now === undefined || Object.keys(now.counts).length === 0 ? null : (
          <table class="counts">
            <caption>By route</caption>
            <tbody>
              {Object.entries(now.counts)
                .toSorted(([, a], [, b]) => b - a)
                .map(([route, count]) => (
                  <tr key={route}>
                    <th scope="row">{route}</th>
                    <td>{countText(count)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        )}
        {about.value?.faults ? <FaultsForm /> : null}
      </div>
      <div class="log">
        <div class="bar">
          <h3>Requests</h3>
          <input
            type="search"
            value={text}
            placeholder="Filter"
            aria-label="Filter requests"
            onInput={(event) => setText(event.currentTarget.value)}
          />
          {about.value?.faults ? (
            <label class="check-field">
              <input
                type="checkbox"
                checked={isPageShown}
                onChange={(event) => setIsPageShown(event.currentTarget.checked)}
              />
              <span>those of this page as well</span>
            </label>
          ) : null}
          <button onClick={() => void (log.value = [])}>Clear</button>
        </div>
        <LogRows requests={shown} />
      </div>
    </section>
  );
}

/** The latest first. */
function LogRows({ requests }: { readonly requests: readonly LoggedRequest[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const { first, end, height, top, slot } = useWindow(scroller, requests.length, ROW_PIXELS);
  const drawn = [];
  for (let i = first; i < end; i++) drawn.push(i);
  return (
    <div class="scroller" ref={scroller} tabIndex={0} role="log" aria-label="Requests, the latest first">
      <div class="rows" style={{ height: `${height}px` }}>
        {drawn.map((i) => {
          const { at, method, path, status, milliseconds } = requests[requests.length - 1 - i]!;
          return (
            <div key={slot(i)} class="row log-row" style={{ transform: `translateY(${top(i)}px)` }}>
              <time>{new Date(at).toLocaleTimeString("en-GB")}</time>
              <span class="method">{method}</span>
              <Name text={decoded(path)} />
              <span class="status" data-class={status === 0 ? "5" : String(status)[0]}>
                {status === 0 ? "dropped" : status}
              </span>
              <span class="time">{milliseconds} ms</span>
            </div>
          );
        })}
      </div>
      {requests.length === 0 ? <p class="hint empty">None yet. They appear here as they come.</p> : null}
    </div>
  );
}

function budgetText(): string {
  const now = budget.value;
  if (now === undefined) return "no limit known";
  const { left, requests, window, opensIn } = now;
  const opens = opensIn > 0 ? `, opens in ${durationText(opensIn / 1000)}` : "";
  return `${countText(left)} of ${countText(requests)} in ${durationText(window / 1000)}${opens}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
