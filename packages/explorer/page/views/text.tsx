import { piecesOf } from "../text/visible.ts";

/** A name, in a direction of its own, with marks for what would not be seen. */
export function Name({ text }: { readonly text: string }) {
  return <bdi class="name">{marked(text, false)}</bdi>;
}

/** Text of several lines, in the same way. */
export function Block({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    // What scrolls must be reached by the keyboard.
    <pre class="block" tabIndex={0} role="region" aria-label={label} dir="auto">
      {marked(text, true)}
    </pre>
  );
}

function marked(text: string, isBlock: boolean) {
  return piecesOf(text, isBlock).map(({ text: shown, mark }, i) =>
    mark === undefined ? (
      shown
    ) : (
      <span key={i} class="mark" title={mark}>
        {shown}
      </span>
    ),
  );
}
