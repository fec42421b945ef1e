import { useEffect, useMemo, useState } from "preact/hooks";
import type { Stored } from "../api/values.ts";
import { bytesText, plural } from "../text/figures.ts";
import { BYTES_PER_LINE, hexLines } from "../values/hex.ts";
import { imageType, jsonOf, kindOf, textOf } from "../values/kinds.ts";
import { JsonTree } from "./json-tree.tsx";
import { Block } from "./text.tsx";

type Way = "tree" | "text" | "image" | "hex";

const TITLES: Readonly<Record<Way, string>> = { tree: "Tree", text: "Text", image: "Image", hex: "Hex" };

/** A value, in the ways in which it can be shown. */
export function ValueView({ stored: { bytes } }: { readonly stored: Stored }) {
  const kind = useMemo(() => kindOf(bytes), [bytes]);
  const ways: readonly Way[] =
    kind === "json"
      ? ["tree", "text", "hex"]
      : kind === "text"
        ? ["text", "hex"]
        : kind === "image"
          ? ["image", "hex"]
          : ["hex"];
  const [chosen, setChosen] = useState<Way>();
  const way = chosen !== undefined && ways.includes(chosen) ? chosen : ways[0]!;
  return (
    <div class="value-body">
      <div class="ways" role="group" aria-label="Show the value as">
        {ways.map((one) => (
          <button key={one} aria-pressed={one === way} onClick={() => setChosen(one)}>
            {TITLES[one]}
          </button>
        ))}
      </div>
      {way === "tree" ? <Tree bytes={bytes} /> : null}
      {way === "text" ? <Text bytes={bytes} /> : null}
      {way === "image" ? <Picture bytes={bytes} /> : null}
      {way === "hex" ? <Hex bytes={bytes} /> : null}
    </div>
  );
}

function Tree({ bytes }: { readonly bytes: Uint8Array }) {
  const value = useMemo(() => jsonOf(textOf(bytes) ?? ""), [bytes]);
  return (
    <div class="json" tabIndex={0} role="region" aria-label="Value as a tree">
      <JsonTree value={value} />
    </div>
  );
}

/** How much of a text is shown at first: more of it takes a browser long. */
const FIRST_CHARACTERS = 100_000;

function Text({ bytes }: { readonly bytes: Uint8Array }) {
  const text = useMemo(() => textOf(bytes) ?? "", [bytes]);
  const [most, setMost] = useState(FIRST_CHARACTERS);
  return (
    <>
      <Block text={text.slice(0, most)} label="Value as text" />
      {text.length > most ? (
        <p class="hint">
          The first {plural(most, "character")} of {plural(text.length, "character")}.{" "}
          <button onClick={() => setMost(most * 4)}>Show more</button>
        </p>
      ) : null}
    </>
  );
}

function Picture({ bytes }: { readonly bytes: Uint8Array<ArrayBuffer> }) {
  const [url, setURL] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: imageType(bytes) ?? "image/png" }));
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return (
    <p class="picture">
      {url === undefined ? null : <img src={url} alt={`The value, an image of ${bytesText(bytes.length)}`} />}
    </p>
  );
}

const FIRST_LINES = 512;

function Hex({ bytes }: { readonly bytes: Uint8Array }) {
  const [most, setMost] = useState(FIRST_LINES);
  const shown = useMemo(() => hexLines(bytes, most), [bytes, most]);
  return (
    <>
      <Block text={shown} label="Value as hexadecimal bytes" />
      {bytes.length > most * BYTES_PER_LINE ? (
        <p class="hint">
          The first {bytesText(most * BYTES_PER_LINE)} of {bytesText(bytes.length)}.{" "}
          <button onClick={() => setMost(most * 4)}>Show more</button>
        </p>
      ) : null}
    </>
  );
}
