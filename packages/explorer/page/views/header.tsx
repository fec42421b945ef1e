import { about, budget, figures, titleOf } from "../state/app.ts";
import { forgetView } from "../state/listings.ts";
import { overlay } from "../state/overlay.ts";
import { closeTab, hrefOf, route, tabs } from "../state/route.ts";
import { nextTheme, theme } from "../state/theme.ts";
import { countText, durationText } from "../text/figures.ts";
import { plainText } from "../text/visible.ts";
import { Name } from "./text.tsx";

/** Where one is, what is open, and what is left of the budget. */
export function Header() {
  const { view } = route.value;
  const current = (is: boolean) => (is ? ("page" as const) : undefined);
  return (
    <header class="top">
      <h1>
        <a href={hrefOf({ view: "home" })}>kvplug</a>
      </h1>
      <nav aria-label="Views">
        <ul class="tabs">
          <li>
            <a href={hrefOf({ view: "home" })} aria-current={current(view === "home")}>
              Namespaces
            </a>
          </li>
          {tabs.value.map((namespace) => (
            <li key={namespace} class="tab">
              <a
                href={hrefOf({ view: "keys", namespace })}
                aria-current={current(route.value.view === "keys" && route.value.namespace === namespace)}
              >
                <Name text={titleOf(namespace)} />
              </a>
              <button
                class="quiet"
                aria-label={`Close ${plainText(titleOf(namespace))}`}
                onClick={() => {
                  closeTab(namespace);
                  forgetView(namespace);
                }}
              >
                ×
              </button>
            </li>
          ))}
          <li>
            <a href={hrefOf({ view: "compare" })} aria-current={current(view === "compare")}>
              Compare
            </a>
          </li>
          <li>
            <a href={hrefOf({ view: "live" })} aria-current={current(view === "live")}>
              Live
            </a>
          </li>
        </ul>
      </nav>
      <div class="tools">
        <BudgetGauge />
        <HitRate />
        {about.value?.readOnly ? <span class="badge">read-only</span> : null}
        <button onClick={() => (overlay.value = "palette")} title="Control+K" aria-keyshortcuts="Control+K">
          Commands
        </button>
        <button
          class="quiet"
          onClick={nextTheme}
          aria-label={`Colours: ${theme.value}`}
          title={`Colours: ${theme.value}`}
        >
          ◐
        </button>
        <button class="quiet" onClick={() => (overlay.value = "help")} aria-label="Keys of the keyboard" title="?">
          ?
        </button>
      </div>
    </header>
  );
}

/** What is left of the request budget. */
function BudgetGauge() {
  const now = budget.value;
  if (now === undefined) return null;
  const { left, requests, opensIn } = now;
  const text =
    opensIn > 0
      ? `Budget spent: goes on in ${durationText(opensIn / 1000)}`
      : `${countText(left)} of ${countText(requests)} requests left`;
  return (
    <span class="budget" data-low={left < requests / 10}>
      <meter min={0} max={requests} low={requests / 10} value={left} aria-label="Request budget" />
      <span>{text}</span>
    </span>
  );
}

/** How much a proxy's cache spares, where there is one. */
function HitRate() {
  const rate = figures.value?.hitRate;
  if (rate === undefined) return null;
  return (
    <span class="hit-rate" title="The share of all reads through the proxy that its cache answered">
      {Math.floor(rate * 100)} % cache hits
    </span>
  );
}
