import { render } from "preact";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/keys.css";
import "./styles/value.css";
import { begin } from "./state/app.ts";
import { listenToKeys } from "./state/shortcuts.ts";
import { App } from "./views/app.tsx";

render(<App />, document.body);
listenToKeys();
await begin();
