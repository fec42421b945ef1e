import { slug } from "github-slugger";
import { defineConfig, type DefaultTheme, type UserConfig } from "vitepress";
import { guidePages, packagePages, type Page } from "./pages.ts";
import { repositoryLinks } from "./repository-links.ts";

const JOBS = [
  "go-live",
  "replace-redis",
  "sessions",
  "nitro-and-nuxt",
  "request-budget",
  "gateway",
  "testing",
  "explorer",
  "in-a-worker",
  "migrating",
];
const FACTS = ["errors", "limits", "writes", "observability", "benchmarks", "comparison", "scale"];
const PROJECT = ["contributing", "security", "license"];

const named = new Set([...JOBS, ...FACTS, ...PROJECT]);
const others = guidePages.filter(({ name }) => !named.has(name));

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: "kvplug",
  description: "Cloudflare Workers KV behind the interfaces that Node programs already speak.",
  lang: "en",
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  markdown: {
    config: (markdown) => void markdown.use(repositoryLinks),
    // The anchors that a repository's host makes.
    anchor: { slugify: (heading) => slug(heading) },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "How to", link: "/replace-redis" },
      { text: "Packages", link: "/packages/core" },
      { text: "API", link: "/reference/" },
    ],
    sidebar: [
      { text: "What it is", link: "/" },
      { text: "How to", items: [...pages(JOBS), ...others.map((page) => linked(page))] },
      { text: "To look up", items: [...pages(FACTS), { text: "API reference", link: "/reference/" }] },
      { text: "Packages", items: packagePages.map((page) => linked(page, "/packages")) },
      { text: "Examples", link: "/examples/" },
      { text: "The project", items: pages(PROJECT) },
    ],
  },
});

export default config;

function pages(names: string[]): DefaultTheme.SidebarItem[] {
  return names.map((name) => linked(guidePages.find((page) => page.name === name)!));
}

function linked({ name, title }: Page, folder = ""): DefaultTheme.SidebarItem {
  return { text: title, link: `${folder}/${name}` };
}
