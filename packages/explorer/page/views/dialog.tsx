import { signal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

/** What is asked; the next one waits for its answer. */
interface Question {
  readonly title: string;
  readonly body: ComponentChildren;
  readonly action: string;
  readonly isDangerous: boolean;
  /** The text that the user must type to confirm. */
  readonly typed: string | undefined;
  readonly answer: (yes: boolean) => void;
}

const question: Signal<Question | undefined> = signal(undefined);

/** Asks before something is done. */
export function ask(
  title: string,
  {
    body,
    action,
    isDangerous = false,
    typed,
  }: {
    readonly body: ComponentChildren;
    readonly action: string;
    readonly isDangerous?: boolean;
    readonly typed?: string;
  },
): Promise<boolean> {
  question.peek()?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      question.value = undefined;
      resolve(yes);
    };
    question.value = { title, body, action, isDangerous, typed, answer };
  });
}

/** Shows what {@link ask} asks. */
export function Questions() {
  const asked = question.value;
  return asked === undefined ? null : <Asked key={asked.title} {...asked} />;
}

function Asked({ title, body, action, isDangerous, typed, answer }: Question) {
  const [given, setGiven] = useState("");
  return (
    <Dialog title={title} onClose={() => answer(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === undefined || given === typed) answer(true);
        }}
      >
        {body}
        {typed === undefined ? null : (
          <label class="field">
            <span>
              Type <bdi class="name">{typed}</bdi> to go on
            </span>
            <input
              autofocus
              value={given}
              onInput={(event) => setGiven(event.currentTarget.value)}
              autocomplete="off"
            />
          </label>
        )}
        <div class="actions">
          <button type="button" autofocus={isDangerous && typed === undefined} onClick={() => answer(false)}>
            Cancel
          </button>
          <button
            autofocus={!isDangerous && typed === undefined}
            class={isDangerous ? "danger" : "primary"}
            disabled={typed !== undefined && given !== typed}
          >
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A dialog over the page. Escape closes it, and what was focused before is focused again: the browser sees to both. */
export function Dialog({
  title,
  onClose,
  isWide = false,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={element}
      class={isWide ? "wide" : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}
