import { html, raw } from "hono/html";
import type { Figures } from "./figures.ts";
import type { Note } from "./notes.ts";

/** What a page of a user shows. */
export interface UserPage {
  name: string;
  count: number;
  /** Markup, as it was cached. */
  landscape: string;
  notes: Note[];
  figures: Figures;
  data: string;
}

type Markup = ReturnType<typeof html>;

/** The page of somebody who is not known yet. */
export function loginPage(figures: Figures): Promise<string> {
  return page(
    html`<section class="card login">
      <h2>Who are you?</h2>
      <p>Any name will do. It is kept in your session, and the session in KV.</p>
      <form method="post" action="/login">
        <input name="name" aria-label="Name" placeholder="Ada" maxlength="40" required autofocus autocomplete="off" />
        <button>Log in</button>
      </form>
    </section>`,
    figures,
  );
}

/** The page of a user. */
export function userPage({ name, count, landscape, notes, figures, data }: UserPage): Promise<string> {
  return page(
    html`<section class="card counter">
        <div>
          <h2>A counter in your session <code>@kvplug/session</code></h2>
          <p>A click is a write. KV takes one a second; the last one wins.</p>
        </div>
        <output id="count">${count}</output>
        <form method="post" action="/count"><button>Count</button></form>
      </section>
      <section class="card landscape">
        <h2>A fragment that is cached <code>@kvplug/cache-manager</code></h2>
        ${raw(landscape)}
      </section>
      <section class="card notes">
        <h2>A list for everyone <code>@kvplug/unstorage</code></h2>
        <form method="post" action="/notes">
          <input name="text" aria-label="Note" placeholder="Leave a line" maxlength="140" required autocomplete="off" />
          <button>Add</button>
        </form>
        <ul id="notes">
          ${notes.map(({ by, text }) => html`<li><span>${text}</span> <small>${by}</small></li>`)}
        </ul>
      </section>
      <footer>
        All of it is kept in <code>${data}</code>. Stop the app, start it again: you are still logged in.
      </footer>`,
    figures,
    html`<form method="post" action="/logout">
      <span>Hello, <strong id="name">${name}</strong></span> <button class="quiet">Log out</button>
    </form>`,
  );
}

async function page(content: Markup, figures: Figures, account: Markup | string = ""): Promise<string> {
  const markup = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>kvplug</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/style.css" />
        <script type="module" src="/figures.js"></script>
      </head>
      <body>
        <header>
          <h1>kvplug</h1>
          ${account}
        </header>
        <main>
          <dl id="figures" aria-label="Since the app was started">
            ${figure("hits", figures.hits, "hits", "reads answered from memory")}
            ${figure("requests", figures.requests, "requests made", "to Workers KV")}
            ${figure("saved", figures.saved, "requests saved", "calls that needed none of their own")}
          </dl>
          ${content}
        </main>
      </body>
    </html>`;
  return markup.toString();
}

function figure(id: keyof Figures, value: number, label: string, note: string): Markup {
  return html`<div>
    <dt>${label} <small>${note}</small></dt>
    <dd id="${id}">${value.toLocaleString("en")}</dd>
  </div>`;
}
