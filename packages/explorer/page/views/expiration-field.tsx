import { momentText } from "../text/figures.ts";

/** When a key will expire. */
export type ExpirationChoice =
  | { readonly kind: "keep" }
  | { readonly kind: "never" }
  | { readonly kind: "in"; readonly hours: string }
  | { readonly kind: "at"; readonly moment: string };

/** The moment of a choice in Unix seconds: `undefined` for never, `NaN` where none was given. */
export function expirationOf(choice: ExpirationChoice, before: number | undefined): number | undefined {
  switch (choice.kind) {
    case "keep":
      return before;
    case "never":
      return undefined;
    case "in":
      return choice.hours === "" ? Number.NaN : Math.round(Date.now() / 1000 + Number(choice.hours) * 3600);
    case "at":
      return Math.floor(Date.parse(choice.moment) / 1000);
  }
}

/** A field for when a key will expire. */
export function ExpirationField({
  before,
  choice,
  onChange,
}: {
  readonly before: number | undefined;
  readonly choice: ExpirationChoice;
  readonly onChange: (choice: ExpirationChoice) => void;
}) {
  return (
    <div class="expiration">
      <label>
        <span>Expires</span>
        <select
          value={choice.kind}
          onChange={(event) => {
            const kind = event.currentTarget.value as ExpirationChoice["kind"];
            if (kind === "in") onChange({ kind, hours: "24" });
            else if (kind === "at") onChange({ kind, moment: "" });
            else onChange({ kind });
          }}
        >
          <option value="keep">{before === undefined ? "never, as before" : `${momentText(before)}, as before`}</option>
          {before === undefined ? null : <option value="never">never</option>}
          <option value="in">some hours from now</option>
          <option value="at">at a moment</option>
        </select>
      </label>
      {choice.kind === "in" ? (
        <label>
          <span>Hours</span>
          <input
            type="number"
            min="0.0167"
            step="any"
            value={choice.hours}
            onInput={(event) => onChange({ kind: "in", hours: event.currentTarget.value })}
          />
        </label>
      ) : null}
      {choice.kind === "at" ? (
        <label>
          <span>Moment</span>
          <input
            type="datetime-local"
            value={choice.moment}
            onInput={(event) => onChange({ kind: "at", moment: event.currentTarget.value })}
          />
        </label>
      ) : null}
    </div>
  );
}
