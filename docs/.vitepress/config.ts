import { slug } from "github-slugger";
import { defineConfig, type DefaultTheme, type UserConfig } from "vitepress";
import { guidePages, packagePages, type Page } from "./pages.ts";
import { readableTables } from "./readable-tables.ts";
import { repositoryLinks } from "./repository-links.ts";

const START = ["get-started", "go-live"];
const JOBS = [
  "replace-redis",
  "sessions",
  "nitro-and-nuxt",
  "nextjs",
  "request-budget",
  "scale",
  "proxy",
  "gateway",
  "testing",
  "explorer",
  "in-a-worker",
  "migrating",
];
const FACTS = ["errors", "limits", "writes", "observability", "benchmarks", "comparison"];
const PROJECT = ["contributing", "security", "license"];

const named = new Set([...START, ...JOBS, ...FACTS, ...PROJECT]);
const others = guidePages.filter(({ name }) => !named.has(name));

/** Where this is published from, which its workflow knows. */
const repository = process.env["GITHUB_REPOSITORY"];

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: "kvplug",
  description: "Cloudflare Workers KV for the interfaces that Node programs already use.",
  lang: "en",
  head: [["link", { rel: "icon", href: "/icon.svg" }]],
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  markdown: {
    config: (markdown) => void markdown.use(repositoryLinks).use(readableTables),
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // The anchors that a repository's host makes.
    anchor: { slugify: (heading) => slug(heading) },
  },
  themeConfig: {
    search: { provider: "local", options: { miniSearch: { searchOptions: { boostDocument: guidesFirst } } } },
    ...(repository && { socialLinks: [{ icon: "github", link: `https://github.com/${repository}` }] }),
    outline: [2, 3],
    nav: [
      { text: "Get started", link: "/get-started" },
      { text: "Packages", link: "/packages/core" },
      { text: "API", link: "/reference/" },
    ],
    sidebar: [
      { text: "Introduction", items: [{ text: "Overview", link: "/" }, ...pages(START)] },
      { text: "Guides", items: [...pages(JOBS), ...others.map((page) => linked(page))] },
      { text: "Reference", items: [...pages(FACTS), { text: "API reference", link: "/reference/" }] },
      { text: "Packages", items: packagePages.map((page) => linked(page, "/packages")) },
      { text: "Examples", link: "/examples/" },
      { text: "Project", items: pages(PROJECT) },
    ],
  },
});

export default config;

/** Ranks guides first: people who search have a job to do. The function is sent to the browser as text, so it calls nothing. */
function guidesFirst(section: string): number {
  if (section.startsWith("/reference/")) return 0.1;
  return /^\/(packages|examples|benchmarks|comparison)\b/.test(section) ? 0.5 : 2;
}

function pages(names: string[]): DefaultTheme.SidebarItem[] {
  return names.map((name) => linked(guidePages.find((page) => page.name === name)!));
}

function linked({ name, title }: Page, folder = ""): DefaultTheme.SidebarItem {
  return { text: title, link: `${folder}/${name}` };
}
