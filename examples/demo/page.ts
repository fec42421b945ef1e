import { html, raw } from "hono/html";
import type { Figures } from "./figures.ts";
import type { Note } from "./notes.ts";
import { showSnippet, SNIPPETS } from "./snippets.ts";

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

/** What went wrong, in the words of a visitor. */
export interface Trouble {
  /** Such as `KV_NETWORK`, or `404`. */
  code: string;
  what: string;
  todo: string;
}

type Markup = ReturnType<typeof html>;

/** The page of somebody who is not known yet. */
export function loginPage(figures: Figures): Promise<string> {
  return page(
    html`${showFigures(figures)}
      <section class="card login">
        <h2>Who are you?</h2>
        <p>Any name will do. It is kept in your session, and the session in KV.</p>
        <form method="post" action="/login">
          <input
            id="name-field"
            name="name"
            aria-label="Name"
            placeholder="Ada"
            maxlength="40"
            required
            autofocus
            autocomplete="off"
          />
          <button>Log in</button>
        </form>
      </section>`,
  );
}

/** The page of a user. */
export function userPage({ name, count, landscape, notes, figures, data }: UserPage): Promise<string> {
  return page(
    html`${showFigures(figures)}
      <section class="card">
        <div class="counter">
          <div>
            <h2>A counter in your session <code>@kvplug/session</code></h2>
            <p>A click is a write. KV takes one a second; the last one wins.</p>
          </div>
          <output id="count">${count}</output>
          <form method="post" action="/count"><button id="count-button">Count</button></form>
        </div>
        ${showSnippet(SNIPPETS.session)}
      </section>
      <section class="card">
        <h2>A fragment that is cached <code>@kvplug/cache-manager</code></h2>
        ${raw(landscape)} ${showSnippet(SNIPPETS.fragment)}
      </section>
      <section class="card notes">
        <h2>A list for everyone <code>@kvplug/unstorage</code></h2>
        <form method="post" action="/notes" data-focus="note-field">
          <input
            id="note-field"
            name="text"
            aria-label="Note"
            placeholder="Leave a line"
            maxlength="140"
            required
            autocomplete="off"
          />
          <button>Add</button>
        </form>
        ${showNotes(notes)} ${showSnippet(SNIPPETS.notes)}
      </section>
      <section class="next">
        <h2>Where to go next</h2>
        <p>
          In your own project: <code>npx kvplug serve</code> is this KV without the page, and
          <code>docs/get-started.md</code> says the rest. KV at Cloudflare takes four variables:
          <code>docs/go-live.md</code>.
        </p>
        <p>All of this is kept in <code>${data}</code>. Stop the app, start it again: you are still logged in.</p>
      </section>`,
    html`<form method="post" action="/logout" data-focus="name-field">
      <span class="who">Hello, <strong id="name">${name}</strong></span> <button class="quiet">Log out</button>
    </form>`,
  );
}

/** The page of what went wrong. */
export function troublePage({ code, what, todo }: Trouble): Promise<string> {
  return page(
    html`<section class="card trouble">
      <p><code id="code">${code}</code></p>
      <h2>${what}</h2>
      <p>${todo}</p>
      <p><a href="/">Back to the page</a></p>
    </section>`,
  );
}

function showFigures({ asked, hits, requests }: Figures): Markup {
  return html`<dl id="figures" aria-label="Since the app was started">
    ${figure("asked", asked, "keys asked", "reads and writes of the page")}
    ${figure("hits", hits, "from memory", "reads that the cache answered")}
    ${figure("requests", requests, "requests made", "to Workers KV")}
  </dl>`;
}

function figure(id: keyof Figures, value: number, label: string, note: string): Markup {
  return html`<div>
    <dt>${label} <small>${note}</small></dt>
    <dd id="${id}">${value.toLocaleString("en")}</dd>
  </div>`;
}

function showNotes(notes: Note[]): Markup {
  if (notes.length === 0) return html`<p id="no-notes">Nobody has left a line yet. Yours is the first.</p>`;
  return html`<ul id="notes">
    ${notes.map(({ by, text }) => html`<li><span>${text}</span> <small>${by}</small></li>`)}
  </ul>`;
}

async function page(content: Markup, account: Markup | string = ""): Promise<string> {
  const markup = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>kvplug: a demo</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/style.css" />
        <script type="module" src="/page.js"></script>
      </head>
      <body>
        <header>
          <h1>kvplug</h1>
          ${account}
        </header>
        <main>
          <p class="about">
            A session, a cached fragment and a list, all in one namespace of a Workers KV on this machine. No account,
            no Redis.
          </p>
          <p id="offline" role="status" hidden>The app does not answer. Start it again: the page goes on by itself.</p>
          ${content}
        </main>
      </body>
    </html>`;
  return markup.toString();
}
