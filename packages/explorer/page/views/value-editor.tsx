import { useEffect, useRef, useState } from "preact/hooks";
import { LEAST_SECONDS, type Place, type Stored } from "../api/values.ts";
import { isDrafting } from "../state/drafts.ts";
import { bytesText } from "../text/figures.ts";
import { jsonOf, textOf } from "../values/kinds.ts";
import { Alert } from "./alert.tsx";
import { ExpirationField, expirationOf, type ExpirationChoice } from "./expiration-field.tsx";
import { ReviewDialog } from "./review-dialog.tsx";

const NOTHING: Stored = { bytes: new Uint8Array(), metadata: null, expiration: undefined };

/** Changes a value. Metadata and expiration stay as they were, unless they are changed as well. */
export function ValueEditor({
  place,
  before,
  onWritten,
  onCancel,
}: {
  readonly place: Place;
  readonly before: Stored | undefined;
  readonly onWritten: (stored: Stored) => void;
  readonly onCancel: () => void;
}) {
  const start = before ?? NOTHING;
  const [bytes, setBytes] = useState(start.bytes);
  const [metadata, setMetadata] = useState(metadataText(start));
  const [expires, setExpires] = useState<ExpirationChoice>({ kind: "keep" });
  const [refusal, setRefusal] = useState<string>();
  const [after, setAfter] = useState<Stored>();
  const isChanged = bytes !== start.bytes || metadata !== metadataText(start) || expires.kind !== "keep";
  useEffect(() => {
    isDrafting.value = isChanged;
    return () => {
      isDrafting.value = false;
    };
  }, [isChanged]);

  const review = (): void => {
    const made = madeOf({ bytes, metadata, expires }, start);
    if (typeof made === "string") return setRefusal(made);
    setRefusal(undefined);
    setAfter(made);
  };
  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        review();
      }}
      onKeyDown={(event) => {
        if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          review();
        }
      }}
    >
      <ValueField bytes={bytes} first={start.bytes} onChange={setBytes} />
      <div class="fields">
        <label>
          <span>Metadata, as JSON</span>
          <input
            value={metadata}
            placeholder="none"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setMetadata(event.currentTarget.value)}
          />
        </label>
        <ExpirationField before={start.expiration} choice={expires} onChange={setExpires} />
      </div>
      <Alert>{refusal}</Alert>
      <div class="actions">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button class="primary" aria-keyshortcuts="Control+s">
          Review
        </button>
      </div>
      {after === undefined ? null : (
        <ReviewDialog
          place={place}
          before={before}
          after={after}
          onWritten={onWritten}
          onClose={() => setAfter(undefined)}
        />
      )}
    </form>
  );
}

function metadataText({ metadata }: Stored): string {
  return metadata === null ? "" : JSON.stringify(metadata);
}

/** The most bytes that are edited as text; more of them are replaced by a file. */
const MOST_EDITED = 2_000_000;

function ValueField({
  bytes,
  first,
  onChange,
}: {
  readonly bytes: Uint8Array;
  readonly first: Uint8Array;
  readonly onChange: (bytes: Uint8Array<ArrayBuffer>) => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const text = first.length > MOST_EDITED ? undefined : textOf(first);
  const [isFile, setIsFile] = useState(false);
  useEffect(() => {
    if (text === undefined || isFile) return undefined;
    let isGone = false;
    let close = (): void => {};
    const encoder = new TextEncoder();
    const open = async (): Promise<void> => {
      // Only who edits loads the editor.
      const { openEditor } = await import("./code-editor.ts");
      if (isGone) return;
      const isJSON = jsonOf(text) !== undefined || text === "";
      const onText = (now: string): void => onChange(encoder.encode(now));
      ({ close } = openEditor(host.current!, { text, isJSON, label: "Value", onChange: onText }));
    };
    void open();
    return () => {
      isGone = true;
      close();
    };
  }, [isFile]);
  return (
    <>
      {text === undefined || isFile ? (
        <p class="hint">
          {isFile ? "From the file" : "This value is no text, or too long to edit"}: {bytesText(bytes.length)}.
        </p>
      ) : (
        <div class="code" ref={host} />
      )}
      <label class="file">
        <span>Or from a file:</span>
        <input
          type="file"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file === undefined) return;
            const take = async (): Promise<void> => {
              onChange(new Uint8Array(await file.arrayBuffer()));
              setIsFile(true);
            };
            void take();
          }}
        />
      </label>
    </>
  );
}

const MOST_BYTES = 25 * 1024 * 1024;
const MOST_METADATA_BYTES = 1024;

/** Returns what to write, or the reason why it cannot be written. */
function madeOf(
  { bytes, metadata, expires }: { bytes: Uint8Array<ArrayBuffer>; metadata: string; expires: ExpirationChoice },
  start: Stored,
): Stored | string {
  if (bytes.length > MOST_BYTES) return `A value may hold 25 MiB, and this one holds ${bytesText(bytes.length)}.`;
  let parsed: unknown = null;
  if (metadata.trim() !== "") {
    try {
      parsed = JSON.parse(metadata);
    } catch {
      return 'Metadata must be JSON, such as {"plan":"free"}.';
    }
    const size = new TextEncoder().encode(JSON.stringify(parsed)).length;
    if (size > MOST_METADATA_BYTES) return `Metadata may hold 1,024 bytes of JSON, and this holds ${size}.`;
  }
  const expiration = expirationOf(expires, start.expiration);
  if (Number.isNaN(expiration)) return "Give a moment at which it expires.";
  const least = Date.now() / 1000 + LEAST_SECONDS;
  if (expiration !== undefined && expiration < least) {
    return "KV keeps what expires for a minute at least: choose a later moment.";
  }
  return { bytes, metadata: parsed, expiration };
}
