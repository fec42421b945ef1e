// The fonts of the reader's machine: nothing to load.
export { default } from "vitepress/theme-without-fonts";
