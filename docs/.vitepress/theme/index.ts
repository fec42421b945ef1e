import { onContentUpdated, useData, type Theme } from "vitepress";
// The fonts of the reader's machine: nothing to load.
import defaultTheme from "vitepress/theme-without-fonts";
import { defineComponent, h } from "vue";
import "./style.css";

/** The default layout, whose home lacks what all other pages have: a `main`. */
const Layout = defineComponent(() => {
  const { frontmatter } = useData();
  onContentUpdated(() => {
    const content = document.getElementById("VPContent");
    if (frontmatter.value["layout"] === "home") content?.setAttribute("role", "main");
    else content?.removeAttribute("role");
  });
  return () => h(defaultTheme.Layout);
});

const theme: Theme = { extends: defaultTheme, Layout };

export default theme;
