import { examples } from "../.vitepress/examples.ts";

export default {
  paths: (): object[] => examples.map(({ name, content }) => ({ params: { name }, content })),
};
