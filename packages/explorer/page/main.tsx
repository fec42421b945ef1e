import { render } from "preact";
import { begin } from "./state/app.ts";
import { listenToKeys } from "./state/shortcuts.ts";
import { App } from "./views/app.tsx";

render(<App />, document.body);
listenToKeys();
await begin();
