import { about, failure, isConnected, isRemote, notice } from "../state/app.ts";
import { route } from "../state/route.ts";
import { plainText } from "../text/visible.ts";
import { Alert } from "./alert.tsx";
import { Compare } from "./compare.tsx";
import { Questions } from "./dialog.tsx";
import { Header } from "./header.tsx";
import { Home } from "./home.tsx";
import { JobsPanel } from "./jobs.tsx";
import { KeysView } from "./keys-view.tsx";
import { Live } from "./live.tsx";
import { Overlays } from "./overlays.tsx";

/** All of the page. */
export function App() {
  const place = about.value?.place ?? "local";
  return (
    <div class="page" data-place={place}>
      <a class="skip" href="#main">
        To the content
      </a>
      {isRemote.value ? (
        <p class="real" role="note">
          A real account: {plainText(about.value?.label ?? "")}. What is changed here is changed for everybody.
        </p>
      ) : null}
      <Header />
      {isConnected.value ? null : (
        <Alert>kvplug does not answer. What is shown is what was read before; the page goes on when it is back.</Alert>
      )}
      <main id="main" tabIndex={-1}>
        <Main />
      </main>
      <JobsPanel />
      <p class="unseen" role="status">
        {notice}
      </p>
      <Questions />
      <Overlays />
    </div>
  );
}

function Main() {
  if (failure.value !== undefined) {
    return <Alert>{failure}</Alert>;
  }
  if (about.value === undefined) return <p class="hint">Asking kvplug…</p>;
  const { value } = route;
  switch (value.view) {
    case "home":
      return <Home />;
    case "keys":
      return <KeysView key={value.namespace} namespace={value.namespace} openKey={value.key} />;
    case "compare":
      return <Compare />;
    case "live":
      return <Live />;
  }
}
