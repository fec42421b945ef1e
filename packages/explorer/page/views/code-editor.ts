import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** An editor of text. */
export interface Editor {
  readonly close: () => void;
}

/** Longer JSON is not checked while the user types. */
const MOST_CHECKED = 2_000_000;

/**
 * Opens an editor. It stands in a shadow root of its own: there its styles are sheets that the content security policy
 * does not forbid, and no `<style>`, which it would.
 */
export function openEditor(
  host: HTMLElement,
  {
    text,
    isJSON,
    label,
    onChange,
  }: {
    readonly text: string;
    readonly isJSON: boolean;
    readonly label: string;
    readonly onChange: (text: string) => void;
  },
): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const extensions: Extension[] = [
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightSelectionMatches(),
    // Control characters, and what turns the direction of writing.
    highlightSpecialChars({ addSpecialChars: /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g }),
    syntaxHighlighting(COLOURS),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
    EditorView.theme(LOOKS),
    // A carriage return of the value stays one.
    EditorState.lineSeparator.of("\n"),
  ];
  if (isJSON && text.length < MOST_CHECKED) {
    extensions.push(json(), foldGutter(), lintGutter(), linter(text === "" ? complaintsOfNew : complaints));
  }
  const view = new EditorView({ doc: text, root, parent: root, extensions });
  view.focus();
  return { close: () => view.destroy() };
}

const complaints = jsonParseLinter();

/** A new value may be no JSON. */
const complaintsOfNew = (view: EditorView): Diagnostic[] =>
  /^\s*[[{]/.test(view.state.sliceDoc(0, 1000)) ? complaints(view) : [];

/** The colours of the page, which reach into a shadow root. */
const LOOKS: Parameters<typeof EditorView.theme>[0] = {
  "&": { height: "100%", fontSize: "13px", color: "var(--text)", backgroundColor: "var(--sunken)" },
  ".cm-scroller": { fontFamily: "var(--mono)", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--faint)", border: "none" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--selected)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)" },
};

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent-text)" },
  { tag: tags.string, color: "var(--string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
]);
