import { packagePages } from "../.vitepress/pages.ts";

export default {
  paths: (): object[] => packagePages.map(({ name, content }) => ({ params: { name }, content })),
};
